// Keeps arrow keys in an explorer. JupyterLab's shortcuts ask the element that has the focus,
// not what is around it; unasked, an arrow key leaves for the next cell.
const quiet = (event) => event.target.setAttribute("data-lm-suppress-shortcuts", "true");
export default { render({ el }) {
  let waiting;
  const mark = () => {
    if (!el.isConnected) waiting = requestAnimationFrame(mark);
    else el.closest(".course-explorer")?.addEventListener("focusin", quiet);
  };
  mark();
  return () => cancelAnimationFrame(waiting);  // a view may go before it is seen
} };
