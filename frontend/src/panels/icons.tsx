/** The few drawings of the workspace. They say nothing by themselves: what they stand in has a name. */

function icon(path: string) {
  return function Icon() {
    return (
      <svg width="15" height="15" viewBox="0 0 16 16" fill="none" stroke="currentColor" stroke-width="1.6" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">
        <path d={path} />
      </svg>
    );
  };
}

export const Left = icon("M10 3 5 8l5 5");
export const Right = icon("m6 3 5 5-5 5");
export const Bin = icon("M3 4.5h10M6.5 4.5V3h3v1.5M4.5 4.5 5 13h6l.5-8.5M7 7v3.5M9 7v3.5");
export const Cross = icon("m4 4 8 8M12 4l-8 8");
export const Moon = icon("M13 9.5A5.5 5.5 0 0 1 6.5 3a5.5 5.5 0 1 0 6.5 6.5Z");
export const Sun = icon("M8 5.2a2.8 2.8 0 1 0 0 5.6 2.8 2.8 0 0 0 0-5.6ZM8 1.5v1M8 13.5v1M1.5 8h1M13.5 8h1M3.4 3.4l.7.7M11.9 11.9l.7.7M3.4 12.6l.7-.7M11.9 4.1l.7-.7");
export const Book = icon("M8 4C6.5 2.8 4.5 2.7 2.5 3v9.5c2-.3 4-.2 5.5 1 1.5-1.2 3.5-1.3 5.5-1V3c-2-.3-4-.2-5.5 1Zm0 0v9.5");
export const Bubble = icon("M3 3h10a1 1 0 0 1 1 1v6a1 1 0 0 1-1 1H7l-3.2 2.6V11H3a1 1 0 0 1-1-1V4a1 1 0 0 1 1-1Z");
export const Pen = icon("m10.5 3.2 2.3 2.3L5.6 12.700 2.800 13.200l.5-2.800 7.200-7.200Z");
export const Check = icon("m3 8.500 3.200 3.200L13 4.800");
export const History = icon("M2.500 8a5.500 5.500 0 1 0 1.700-4M2.500 2.500v2.700h2.700M8 5v3.200l2.200 1.300");
export const Play = icon("M5 3.500v9l7.500-4.500L5 3.500Z");
export const Pause = icon("M5.500 3.500v9M10.500 3.500v9");
export const Warning = icon("M8 2.5 14.2 13H1.8L8 2.5ZM8 6.5v3M8 11.2v.1");
