//! Pages in a browser: no complaint on its console, every figure there, no text cut off or over another, light and dark.
//!
//! `ENSAMPLE_CHROMIUM` names the browser; without it, that is `chromium`.

use super::chains::{MIXED, Shape, write};
use super::{Folder, alone, figures};

/// Looks at every figure and writes what is wrong into the title: texts that leave their figure or overlap.
const LOOK: &str = r#"<script>
const wrong = [];
for (const svg of document.querySelectorAll("svg")) {
  const name = svg.parentElement.id, frame = svg.getBoundingClientRect();
  if (frame.width < 100 || frame.height < 40) wrong.push(name + " is not shown");
  const texts = [...svg.querySelectorAll("text")].map(text => [text.textContent, text.getBoundingClientRect()]);
  for (const [text, box] of texts)
    if (box.left < frame.left - 1 || box.right > frame.right + 1 || box.top < frame.top - 1 || box.bottom > frame.bottom + 1)
      wrong.push(name + ": '" + text + "' is cut off");
  texts.forEach(([text, a], i) => texts.slice(i + 1).forEach(([other, b]) => {
    const across = Math.min(a.right, b.right) - Math.max(a.left, b.left);
    const down = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
    if (across > 1 && down > 3) wrong.push(name + ": '" + text + "' is over '" + other + "'");
  }));
}
if (document.documentElement.scrollWidth > innerWidth) wrong.push("the page is too wide");
document.title = "looked: " + document.querySelectorAll("svg").length + " " + getComputedStyle(document.body).backgroundColor
  + " " + (wrong.join("; ") || "nothing wrong");
</script></body>"#;

/// What the browser makes of a page: its title, and what it has printed.
fn look(folder: &Folder, page: &str, flags: &[&str]) -> (String, String) {
    std::fs::write(folder.path("look.html"), page.replace("</body>", LOOK)).unwrap();
    let browser = std::env::var("ENSAMPLE_CHROMIUM").unwrap_or("chromium".into());
    let profile = tempfile::tempdir().unwrap();
    let browser = alone(browser)
        .args(["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"])
        .args(["--disable-background-networking", "--disable-component-update", "--disable-sync"])
        .args(["--enable-logging=stderr", "--dump-dom", "--window-size=1040,2000"])
        .args([&format!("--user-data-dir={}", profile.path().display())])
        .args(flags)
        .args([&format!("file://{}", folder.path("look.html").display())])
        .folder(folder.0.path());
    let outcome = browser.run().expect_success();
    let title = outcome.stdout.split("<title>").nth(1).and_then(|rest| rest.split("</title>").next());
    (title.expect("the page has a title").to_owned(), outcome.stderr)
}

const DARK: &str = "--blink-settings=preferredColorScheme=0";

fn check(folder: &Folder, file: &str, least: usize) {
    let page = folder.page(file);
    let expected = figures(&page).len();
    assert!(expected >= least, "{file}: {expected} figures");
    for (flags, paper) in [(&[][..], "rgb(255, 255, 255)"), (&[DARK], "rgb(22, 25, 29)")] {
        let (title, printed) = look(folder, &page, flags);
        assert_eq!(title, format!("looked: {expected} {paper} nothing wrong"), "{file}");
        assert!(!printed.contains("CONSOLE"), "{file}: {printed}");
    }
}

#[test]
#[ignore = "needs Chromium: scripts/test"]
fn a_browser_shows_results() {
    let folder = Folder::with_results();
    check(&folder, "abc.h5", 5);
    check(&folder, "gibbs.h5", 30);
    check(&folder, "bootstrap.h5", 2);
    check(&folder, "abc.trace.h5", 2);
    check(&folder, "bootstrap.trace.h5", 1);
}

#[test]
#[ignore = "needs Chromium: scripts/test"]
fn a_browser_shows_chains() {
    let folder = Folder::new();
    for (name, shape) in [
        ("mixed.h5", MIXED),
        ("apart.h5", Shape { apart: 30.0, memory: 0.95, ..MIXED }),
        ("one.h5", Shape { chains: 1, draws: 20_000, ..MIXED }),
        ("many.h5", Shape { chains: 100, draws: 50, ..MIXED }),
        ("short.h5", Shape { draws: 5, ..MIXED }),
    ] {
        write(&folder.path(name), shape);
        check(&folder, name, 30 - 6 * usize::from(shape.chains == 1));
    }
}

/// The look can find something: a label that is too long for its figure.
#[test]
#[ignore = "needs Chromium: scripts/test"]
fn a_text_that_is_cut_off_is_found() {
    let folder = Folder::new();
    write(&folder.path("mixed.h5"), MIXED);
    let page = folder.page("mixed.h5").replace(">draw</text>", &format!(">{}</text>", "draw ".repeat(100)));
    assert!(look(&folder, &page, &[]).0.contains("is cut off"));
}
