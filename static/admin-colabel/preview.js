// The preview of an import follows its options, so that what is imported is what was shown.

const reading = document.getElementById("reading");
reading.addEventListener("change", () => reading.requestSubmit());
