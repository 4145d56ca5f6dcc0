// Runs before the first paint, so that a chosen theme never flashes the other one. The page's policy forbids inline scripts.
(() => {
  const root = document.documentElement;
  const read = (name) => {
    try {
      return localStorage.getItem(name);
    } catch {
      return null;
    }
  };
  root.dataset.theme = read("swarmgate.theme") ?? "system";
  const asked = matchMedia("(prefers-contrast: more)").matches ? "more" : "normal";
  root.dataset.contrast = read("swarmgate.contrast") ?? asked;
})();
