"""Look at a page as a reader does: look.py PAGE.html WIDTH [dark | print] prints, as JSON,
what headless Chromium makes of it in a window so wide, or on paper so wide; look.py
PAGE.html reads it without a browser. Exit status 77: there is no Chromium."""
import html, html.parser, json, os, re, shutil, subprocess, sys, tempfile

VOID = {"meta", "link", "br", "hr", "img", "input", "wbr"}
MEASURE = """
addEventListener('load', () => {
  const page = document.querySelector('iframe').contentDocument, view = page.defaultView;
  if (PRINT) for (const rule of [...page.styleSheets[0].cssRules]) {
    if (rule.media?.mediaText !== 'print') continue;
    const style = page.createElement('style');
    style.textContent = [...rule.cssRules].map(r => r.cssText).join('');
    page.head.append(style);
  }
  const scale = svg => svg.getBoundingClientRect().width / svg.viewBox.baseVal.width;
  const seen = {
    width: page.documentElement.clientWidth, scroll: page.documentElement.scrollWidth,
    ground: view.getComputedStyle(page.body).backgroundColor,
    ink: view.getComputedStyle(page.body).color,
    loaded: view.performance.getEntriesByType('resource').map(r => r.name),
    scripts: page.scripts.length, images: page.images.length,
    boxes: [...page.querySelectorAll('.box')].map(box => {
      const style = view.getComputedStyle(box), table = box.querySelector('table').getBoundingClientRect();
      box.scrollLeft = 1e6;
      return {
        name: box.getAttribute('aria-label'), role: box.getAttribute('role'), keys: box.tabIndex,
        width: box.clientWidth, inside: box.scrollWidth, table: table.right - table.left,
        scrolls: style.overflowX === 'auto', moved: box.scrollLeft, hint: style.backgroundImage,
        size: parseFloat(view.getComputedStyle(box.querySelector('td')).fontSize),
        stays: [...box.querySelectorAll('.stay')].map(s => {
          const b = s.getBoundingClientRect();
          return {text: s.textContent, left: b.left, right: b.right};
        })};
    }),
    marks: [...page.querySelectorAll('.mark')].map(m => ({
      adjust: view.getComputedStyle(m).printColorAdjust || view.getComputedStyle(m).webkitPrintColorAdjust,
      colour: view.getComputedStyle(m).backgroundColor})),
    pictures: [...page.querySelectorAll('svg')].map(svg => {
      const box = svg.getBoundingClientRect();
      return {
        id: svg.id, width: box.width, height: box.height, left: box.left, right: box.right,
        marks: svg.querySelectorAll('use').length,
        dangling: [...svg.querySelectorAll('use')].filter(
            u => !page.getElementById(u.getAttribute('href').slice(1))).length,
        texts: [...svg.querySelectorAll('text')].map(t => {
          const b = t.getBoundingClientRect(), m = t.getScreenCTM();
          return {text: t.textContent.trim(), upright: Math.abs(m.b) < 1e-6,
                  size: parseFloat(view.getComputedStyle(t).fontSize) * Math.hypot(m.a, m.b),
                  fill: view.getComputedStyle(t).fill,
                  box: [b.left - box.left, b.top - box.top, b.right - box.left, b.bottom - box.top]};
        })};
    })};
  document.body.textContent = 'SEEN' + JSON.stringify(seen) + 'NEES';
});"""


class Reader(html.parser.HTMLParser):
    """Tags that balance, references, texts."""

    def __init__(self):
        super().__init__()
        self.open, self.references, self.ids, self.tags, self.text = [], [], [], {}, ""

    def handle_starttag(self, tag, attributes):
        self.tags[tag] = self.tags.get(tag, 0) + 1
        if tag not in VOID:
            self.open.append(tag)
        for name, value in attributes:
            assert not name.startswith("on"), (tag, name)
            if name in ("src", "href", "xlink:href", "srcset", "action", "data", "poster"):
                self.references.append(value)
            if name == "id":
                self.ids.append(value)

    def handle_startendtag(self, tag, attributes):
        self.handle_starttag(tag, attributes)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag):
        assert self.open and self.open[-1] == tag, (tag, self.open[-4:], self.getpos())
        self.open.pop()

    def handle_data(self, data):
        self.text += data


def read(page):
    reader = Reader()
    reader.feed(page)
    reader.close()
    assert not reader.open, reader.open
    outside = [r for r in reader.references if not r.startswith("#") and r != "data:,"]
    assert not outside, outside
    assert not re.search(r"url\(|@import|https?:|//[a-z]", page), "a reference to elsewhere"
    assert len(set(reader.ids)) == len(reader.ids), "two of one id"
    return {"tags": reader.tags, "text": reader.text}


def look(page, width, dark, paper):
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if not chromium:
        sys.exit(77)
    with tempfile.TemporaryDirectory() as place:
        with open(place + "/frame.html", "w") as f:
            f.write(f"<!DOCTYPE html><meta charset=utf-8><body style='margin:0'><iframe style='border:0;"
                    f"width:{width}px;height:900px' srcdoc=\"{html.escape(page)}\"></iframe>"
                    f"<script>const PRINT = {str(paper).lower()};{MEASURE}</script>")
        said = subprocess.run(
            [chromium, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
             "--user-data-dir=" + place + "/profile", "--window-size=1400,1000",
             "--blink-settings=preferredColorScheme=" + ("0" if dark else "1"), "--dump-dom",
             "file://" + place + "/frame.html"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=100)
        found = re.search(r"SEEN(.*)NEES", said.stdout.decode(), re.S)
        if not found:
            sys.exit("Chromium did not show the page: " + said.stderr.decode()[-500:])
        return json.loads(html.unescape(found[1]))


if __name__ == "__main__":
    text = open(sys.argv[1], encoding="utf-8").read()
    how = sys.argv[3:]
    print(json.dumps(look(text, int(sys.argv[2]), "dark" in how, "print" in how) if sys.argv[2:] else read(text)))
