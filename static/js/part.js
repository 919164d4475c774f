// A part of a page that the server draws anew, in place. Says so where it takes a while, and where nobody answers.

const SLOW_MS = 150;
const UNANSWERED = "unanswered"; // the id of the words for it, in every page

/** A function that shows in `place` what `address` answers to who asks for this part; the last request wins.
 *  It returns whether it was shown. */
export function part(place, name) {
  let asking;
  const show = async (address) => {
    asking?.abort();
    const own = (asking = new AbortController());
    const slow = setTimeout(() => place.setAttribute("aria-busy", "true"), SLOW_MS);
    try {
      const answer = await fetch(address, { headers: { "X-Part": name }, signal: own.signal });
      const shown = await answer.text();
      if (own.signal.aborted) return false;
      // Logged out, no member any more, an error: the whole page says which.
      if (!answer.ok || answer.redirected) return location.assign(address), false;
      place.innerHTML = shown; // of our own server, which escapes what people typed; the page's policy runs nothing in it
      return true;
    } catch (error) {
      if (error.name !== "AbortError") tell(place, () => show(address));
      return false;
    } finally {
      clearTimeout(slow);
      if (asking === own) place.removeAttribute("aria-busy");
    }
  };
  return show;
}

/** Nobody answered: what is there stays, with a word above it. */
function tell(place, again) {
  place.querySelector(`.${UNANSWERED}`)?.remove();
  const said = document.getElementById(UNANSWERED).content.firstElementChild.cloneNode(true);
  said.querySelector("button").addEventListener("click", () => {
    said.remove();
    again();
  });
  place.prepend(said);
}
