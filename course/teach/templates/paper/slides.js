// A heading begins a slide; what does not fit goes on to the next one below.
const ROOM = 690;                                  // of the 720 pixels of a slide
const slides = document.querySelector(".slides"), about = { text: "" };
let stack, page, used;

slides.classList.add("measured");
const parts = [...slides.querySelectorAll(
  ".jp-RenderedMarkdown > *, .jp-CodeCell > .jp-Cell-inputWrapper, " +
  ".jp-OutputArea-child:not(:has(.course-view)), .course-view > *")];
const tops = parts.map((part) => part.getBoundingClientRect().top);
const heights = parts.map((part, k) => (tops[k + 1] ?? tops[k] + part.offsetHeight) - tops[k]);
slides.classList.remove("measured");
slides.replaceChildren();

parts.forEach((part, k) => {
  const heading = part.matches("h1, h2, h3");
  if (!stack || part.matches("h1, h2")) slides.append(stack = document.createElement("section"));
  const alone = page?.children.length === 1 && page.firstChild.matches("h1, h2, h3");
  if (heading || (used + heights[k] > ROOM && !alone)) {
    stack.append(page = document.createElement("section"));
    used = 0;
    if (heading) about.text = part.textContent;
    else [page.dataset.about, used] = [about.text, 26];
  }
  page.append(part);
  used += heights[k];
});

function wake() {
  for (const frame of Reveal.getCurrentSlide().querySelectorAll("iframe[data-srcdoc]")) {
    frame.srcdoc = frame.dataset.srcdoc;
    delete frame.dataset.srcdoc;
  }
}
Reveal.on("ready", wake);
Reveal.on("slidechanged", wake);
Reveal.initialize({ width: 1280, height: 720, margin: 0.02, center: false, hash: true,
  slideNumber: "c/t", navigationMode: "linear", transition: "none" });
