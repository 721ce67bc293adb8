// The data of the page: JSON, compressed, in base64. Problems are unpacked when they are opened.
async function unpack(text) {
  const bytes = Uint8Array.from(atob(text.trim()), (letter) => letter.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  return JSON.parse(await new Response(stream).text());
}

const embedded = (node) => node.content.textContent;
const waiting = new Map();
window.loaded = (name, text) => waiting.get(name)(text);

let version = 0; // of a live page: what was loaded before is loaded again

function fetched(folder, name) {
  // A page on disk may not read files, but it may run scripts that hold them.
  return new Promise((resolve, reject) => {
    waiting.set(name, resolve);
    const script = el("script", { src: `${folder}/${name}.js${version ? `?${version}` : ""}` });
    script.addEventListener("error", () => reject(new Error(`${folder}/${name}.js is missing`)));
    document.head.append(script);
  });
}

function opener(run, kind = "problems-data") {
  const parts = [...document.querySelectorAll(`template.${kind}`)];
  const known = new Map();
  return async (index) => {
    const number = Math.floor(index / run.chunk);
    if (!known.has(number)) {
      const text = run.folder ? await fetched(run.folder, run.files[number]) : embedded(parts[number]);
      known.set(number, await unpack(text));
    }
    return known.get(number)[index % run.chunk];
  };
}

function follow(renew) {
  // Ask the server of a live page if there is more, every other second.
  let stamp = null; // the first time, the page may be older than the stamp
  setInterval(async () => {
    const answer = await fetch("stamp").catch(() => null);
    document.getElementById("ended").hidden = answer !== null;
    const found = answer && answer.ok ? await answer.text() : stamp;
    if (found !== stamp) {
      version += 1;
      await renew(await unpack(await (await fetch("data")).text()));
    }
    stamp = found;
  }, 2000);
}
