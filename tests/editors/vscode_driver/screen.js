// An expression that playwright runs in the page: all text that a person sees, what decorations put
// before and after their elements included.
() => {
  // Line numbers and glyphs; screen readers' copies of what is shown; the text area that takes keys.
  const UNSEEN = ".margin, .monaco-aria-container, .minimap, textarea, .native-edit-context, style, script";
  const BREAKS = ".view-line, .statusbar-item, .monaco-list-row, .notification-list-item-message, .monaco-button";
  // Icons are letters of a font of their own.
  const ICONS = /[\ue000-\uf8ff]/g;
  let text = "";
  let bottom = -1;

  const put = (part, rectangle) => {
    part = part.replace(ICONS, "").replace(/\u00a0/g, " ").replace(/[\u200b\u200c\u200d]/g, "");
    const { left, right, top, width, height } = rectangle;
    if (!part || (!width && !height)) return;
    if (right <= 0 || left >= innerWidth || rectangle.bottom <= 0 || top >= innerHeight) return;
    if (top >= bottom - height / 2 || rectangle.bottom < bottom - height) text += "\n";
    bottom = rectangle.bottom;
    text += part;
  };

  const putPseudo = (element, which) => {
    const content = getComputedStyle(element, which).content;
    const quoted = /^"((?:[^"\\]|\\.)*)"/.exec(content);
    if (quoted) put(quoted[1].replace(/\\(.)/g, "$1"), element.getBoundingClientRect());
  };

  const walk = (element) => {
    if (element.matches(UNSEEN)) return;
    if (!element.checkVisibility({ opacityProperty: true, visibilityProperty: true })) return;
    if (element.matches(BREAKS)) bottom = -1;
    if (element instanceof HTMLInputElement) put(element.value || element.placeholder, element.getBoundingClientRect());
    putPseudo(element, "::before");
    let children = [...element.childNodes];
    if (element.matches(".view-lines")) {
      // They are made as they scroll into sight, and stay in that order.
      children.sort((a, b) => a.getBoundingClientRect().top - b.getBoundingClientRect().top);
    }
    for (const child of children) {
      if (child.nodeType === Node.ELEMENT_NODE) walk(child);
      else if (child.nodeType === Node.TEXT_NODE && /[^ \t\n]/.test(child.data)) {
        const range = document.createRange();
        range.selectNodeContents(child);
        put(child.data, range.getBoundingClientRect());
      } else if (child.nodeType === Node.TEXT_NODE && child.data) text += " ";
    }
    putPseudo(element, "::after");
    if (getComputedStyle(element).display !== "inline" && !text.endsWith(" ")) text += " ";
    if (element.matches(BREAKS)) bottom = -1;
  };

  walk(document.body);
  return text.replace(/ +$/gm, "").trim();
}
