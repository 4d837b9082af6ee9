#include "style.hpp"

namespace mpinmf::report::html {

// Line colours are near those of palette.hpp, darker or lighter so that each has a contrast of 4.5 : 1 to the
// page.
const std::string_view style = R"(
:root { color-scheme: light dark; --text: #1c1c1c; --soft: #555; --page: #fff; --shade: #0005; --rule: #d4d4d4; --band: #f5f5f3;
  --link: #00558a; --c0: #0072b2; --c1: #b84d00; --c2: #007a58; --c3: #a3487c; --c4: #2277aa; --c5: #8a6400; --c6: #1c1c1c; }
@media (prefers-color-scheme: dark) {
  :root { --text: #e8e6e3; --soft: #b0aca6; --page: #181a1b; --shade: #fff5; --rule: #43474a; --band: #222527;
    --link: #8cc8f0; --c0: #6ab7e8; --c1: #f09a5c; --c2: #4fc9a4; --c3: #e29cc4; --c4: #9ad2f5; --c5: #e6b94d; --c6: #e8e6e3; }
}
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1.5rem 1rem 3rem; max-width: 72rem; background: var(--page); color: var(--text);
  font: 1rem/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
h1 { font-size: 1.5rem; line-height: 1.25; margin: 0 0 .5rem; }
h2 { font-size: 1.2rem; margin: 2.25rem 0 .5rem; padding-bottom: .2rem; border-bottom: 1px solid var(--rule); }
h3 { font-size: 1rem; margin: 1.25rem 0 .4rem; }
a { color: var(--link); }
a:focus-visible, button:focus-visible, .scroll:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; }
nav ul { display: flex; flex-wrap: wrap; gap: .25rem 1rem; list-style: none; margin: 1rem 0 0; padding: 0; font-size: .9rem; }
.soft, footer { color: var(--soft); }
.scroll { overflow-x: auto; margin: .5rem 0 1rem; position: relative;
  background: linear-gradient(90deg, var(--page) 40%, transparent) 0 0 / 2.5rem 100% no-repeat local,
    linear-gradient(270deg, var(--page) 40%, transparent) 100% 0 / 2.5rem 100% no-repeat local,
    linear-gradient(90deg, var(--shade), transparent) 0 0 / 1rem 100% no-repeat scroll,
    linear-gradient(270deg, var(--shade), transparent) 100% 0 / 1rem 100% no-repeat scroll; }
table { border-collapse: collapse; font-size: .9rem; overflow-wrap: normal; }
caption { text-align: left; color: var(--soft); padding-bottom: .3rem; }
caption span { display: block; position: sticky; left: 0; max-width: calc(min(100vw, 72rem) - 2rem); }
th, td { text-align: left; vertical-align: top; padding: .25rem .9rem .25rem 0; border-bottom: 1px solid var(--rule); }
td { max-width: 40rem; overflow-wrap: anywhere; min-width: 7rem; }
td.number, td:empty { min-width: 3rem; }
tbody th, tfoot th { font-weight: 600; max-width: 16rem; overflow-wrap: anywhere; }
tbody th:not(.number), tfoot th { min-width: 6.5rem; }
thead ~ tbody th:not(.number) { min-width: 9rem; } thead ~ tbody td:not(.number):not(:empty) { min-width: 9rem; }
thead th { white-space: nowrap; }
tfoot th, tfoot td { color: var(--soft); }
.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
th button { font: inherit; color: inherit; background: none; border: 0; padding: 0; cursor: pointer; }
th button::after { content: "\2195"; color: var(--soft); padding-left: .3em; }
th[aria-sort=ascending] button::after { content: "\2191"; color: inherit; }
th[aria-sort=descending] button::after { content: "\2193"; color: inherit; }
figure { margin: .5rem 0 1.25rem; }
figcaption { color: var(--soft); font-size: .9rem; }
.chart { width: 100%; max-width: 42rem; height: auto; display: block; }
.chart text { fill: var(--text); font: 14px system-ui, sans-serif; }
.chart .grid { stroke: var(--rule); } .chart .axis { stroke: var(--soft); fill: none; }
.chart polyline { fill: none; stroke-width: 2; stroke-linejoin: round; }
.c0 { stroke: var(--c0); } .c1 { stroke: var(--c1); } .c2 { stroke: var(--c2); } .c3 { stroke: var(--c3); }
.c4 { stroke: var(--c4); } .c5 { stroke: var(--c5); } .c6 { stroke: var(--c6); } .chart circle { fill: var(--page); stroke-width: 2; }
.again { stroke-dasharray: 6 4; }
.legend { display: flex; flex-wrap: wrap; gap: .2rem 1.2rem; list-style: none; padding: 0; margin: .3rem 0; font-size: .9rem; }
.legend svg { width: 2rem; height: .8rem; margin-right: .4rem; stroke-width: 2; }
.picture { display: inline-block; background: #fff; padding: .5rem; border: 1px solid var(--rule); border-radius: 4px; max-width: 100%; }
.picture img { display: block; max-width: 100%; height: auto; }
h4 { font-size: .95rem; margin: .6rem 0 .3rem; }
.others { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 20rem), 1fr)); gap: 0 1.5rem; }
.topics { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 30rem), 1fr)); gap: 0 2.5rem; }
.topics > div, .pair > div, .others > div { min-width: 0; }
.pair { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 13rem), 1fr)); gap: 0 1.5rem; }
.notes li { margin: .3rem 0; }
footer { margin-top: 2.5rem; border-top: 1px solid var(--rule); padding-top: .6rem; font-size: .85rem; }
@media print {
  :root { color-scheme: light; --text: #000; --soft: #444; --page: #fff; --rule: #bbb; --link: #000; --c0: #0072b2; --c1: #b84d00;
    --c2: #007a58; --c3: #a3487c; --c4: #2277aa; --c5: #8a6400; --c6: #000; }
  body { max-width: none; padding: 0; font-size: 10pt; }
  nav { display: none; } .scroll { overflow: visible; background: none; } th button::after { content: none; }
  h2, h3, h4, caption { break-after: avoid; } tr, figure { break-inside: avoid; }
  .picture img { max-height: 26cm; width: auto; }
}
)";

const std::string_view script = R"(
for (const table of document.querySelectorAll("table.sortable")) {
  const heads = [...table.tHead.rows[0].cells];
  heads.forEach((head, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = head.textContent;
    head.textContent = "";
    head.append(button);
    button.addEventListener("click", () => {
      const up = head.getAttribute("aria-sort") !== "ascending";
      for (const other of heads) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", up ? "ascending" : "descending");
      const body = table.tBodies[0], sign = up ? 1 : -1;
      const key = row => row.cells[column]?.dataset.value ?? row.cells[column]?.textContent ?? "";
      const compare = (a, b) => {
        if ((a === "") !== (b === "")) return a === "" ? 1 : -1;
        const difference = Number(a) - Number(b);
        return sign * (Number.isNaN(difference) ? a.localeCompare(b) : difference);
      };
      [...body.rows].sort((a, b) => compare(key(a), key(b))).forEach(row => body.append(row));
    });
  });
}
)";

}  // namespace mpinmf::report::html
