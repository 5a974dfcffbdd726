// Draws every [data-chart] with Apache ECharts from the JSON beside it; the table stays behind it.
// The library is fetched where a page has a chart.
"use strict";

const { library } = document.currentScript.dataset;
let fetched = null;
const withLibrary = () => {
  fetched ??= new Promise((ready, failed) => {
    const script = document.createElement("script");
    script.src = library;
    script.onload = ready;
    script.onerror = failed;
    document.head.append(script);
  });
  return fetched;
};

// Colours are those of tokens.css, read anew when the look changes.
const look = () => {
  const style = getComputedStyle(document.documentElement);
  const token = (name) => style.getPropertyValue(`--${name}`).trim();
  return {
    words: token("quiet"),
    line: token("line"),
    colours: [1, 2, 3, 4, 5, 6].map((place) => token(`chart-${place}`)),
    steps: [1, 2, 3, 4, 5].map((place) => token(`step-${place}`)),
    font: getComputedStyle(document.body).fontFamily,
  };
};

const still = window.matchMedia("(prefers-reduced-motion: reduce)").matches || navigator.webdriver;
const locale = document.documentElement.lang === "en" ? "en-US" : "zh-CN";
const figure = new Intl.NumberFormat(locale, { maximumFractionDigits: 2 });
const short = (value) => {
  const size = Math.abs(value);
  if (locale === "zh-CN") {
    if (size >= 1e8) return `${figure.format(value / 1e8)}亿`;
    return size >= 1e4 ? `${figure.format(value / 1e4)}万` : figure.format(value);
  }
  if (size >= 1e6) return `${figure.format(value / 1e6)}M`;
  return size >= 1e4 ? `${figure.format(value / 1e3)}K` : figure.format(value);
};

const isMoney = (unit) => /^[A-Z]{3}$/.test(unit);
const inUnit = (value, unit) => {
  if (isMoney(unit)) return new Intl.NumberFormat(locale, { style: "currency", currency: unit }).format(value);
  return unit === "%" ? `${figure.format(value)}%` : figure.format(value);
};
// A day of this century reads shorter on an axis; the tooltip says it in full.
const shortLabel = (label) => (/^\d{4}-\d\d-\d\d$/.test(label) ? label.slice(5) : label);

// A tooltip is built of elements, so that the page's policy need allow no style of its own.
const element = (name, css, text = "") => {
  const made = document.createElement(name);
  made.className = css;
  made.textContent = text;
  return made;
};
const tip = (title, lines) => {
  const shown = element("div", "tip-body");
  shown.append(element("div", "tip-title", title));
  for (const line of lines) {
    const row = element("div", "tip-line");
    const mark = element("span", "tip-mark");
    mark.style.backgroundColor = line.colour;
    row.append(mark, element("span", "tip-name", line.name), element("span", "tip-value num", line.value));
    shown.append(row);
  }
  return shown;
};
const tooltip = { className: "tip", padding: 0, borderWidth: 0, backgroundColor: "transparent", confine: true };

const axisOptions = (spec, at) => {
  const units = [false, true].map((right) => spec.series.find((each) => each.right === right));
  const valueAxis = (series, line) => ({
    type: "value",
    minInterval: line ? 0 : 1,
    name: series.unit || series.name,
    nameTextStyle: { color: at.words, align: line ? "left" : "right" },
    axisLabel: { color: at.words, formatter: short },
    splitLine: { show: line, lineStyle: { color: at.line } },
  });
  return {
    grid: { left: 8, right: units[1] ? 8 : 16, top: 64, bottom: 8, containLabel: true },
    legend: { type: "scroll", right: 8, top: 4, itemGap: 18, textStyle: { color: at.words }, pageTextStyle: { color: at.words }, pageIconColor: at.words },
    tooltip: {
      ...tooltip,
      trigger: "axis",
      axisPointer: { type: "shadow" },
      formatter: (found) =>
        tip(
          found[0].name,
          found.filter((each) => each.value !== null && each.value !== undefined).map((each) => ({
            colour: each.color,
            name: each.seriesName,
            value: inUnit(each.value, spec.series[each.seriesIndex].unit),
          })),
        ),
    },
    xAxis: {
      type: "category",
      data: spec.labels,
      axisTick: { show: false },
      axisLine: { lineStyle: { color: at.line } },
      axisLabel: { color: at.words, hideOverlap: true, formatter: shortLabel },
    },
    yAxis: units[1] ? [valueAxis(units[0], true), valueAxis(units[1], false)] : valueAxis(units[0], true),
    series: spec.series.map((each) => ({
      name: each.name,
      type: each.kind,
      data: each.values.map((value) => (value === null ? null : Number(value))),
      stack: each.stack || undefined,
      yAxisIndex: each.right ? 1 : 0,
      smooth: false,
      symbolSize: 6,
      barMaxWidth: 26,
      itemStyle: each.kind === "bar" && !each.stack ? { borderRadius: [3, 3, 0, 0] } : {},
    })),
  };
};

const funnelOptions = (spec, at) => ({
  tooltip: {
    ...tooltip,
    trigger: "item",
    formatter: (found) =>
      tip(found.name, [{ colour: found.color, name: spec.series[0].name, value: figure.format(found.value) }]),
  },
  series: [
    {
      type: "funnel",
      left: "6%",
      right: "30%",
      top: 12,
      bottom: 12,
      sort: "none",
      gap: 3,
      minSize: "6%",
      label: {
        position: "right",
        color: at.words,
        formatter: (item) => `${item.name}  ${figure.format(item.value)}`,
      },
      labelLine: { length: 12, lineStyle: { color: at.line } },
      data: spec.labels.map((name, place) => ({
        name,
        value: spec.series[0].values[place],
        itemStyle: { color: at.steps[place % at.steps.length], borderWidth: 0 },
      })),
    },
  ],
});

const draw = (place) => {
  const source = document.getElementById(`chart-${place.dataset.chart}`);
  if (!source) return;
  const spec = JSON.parse(source.textContent);
  const at = look();
  const options = spec.kind === "funnel" ? funnelOptions(spec, at) : axisOptions(spec, at);
  echarts.getInstanceByDom(place)?.dispose();
  const chart = echarts.init(place, null, { renderer: "canvas" });
  chart.setOption({
    color: at.colours,
    animation: !still,
    textStyle: { fontFamily: at.font },
    ...options,
  });
};

const drawAll = async (root) => {
  const places = root.querySelectorAll("[data-chart]");
  if (!places.length) return;
  await withLibrary();
  for (const place of places) draw(place);
};

drawAll(document);
document.addEventListener("console:theme", () => drawAll(document));
document.addEventListener("htmx:afterSettle", (event) => drawAll(event.target));
window.addEventListener("resize", () => {
  if (!window.echarts) return;
  for (const place of document.querySelectorAll("[data-chart]")) {
    echarts.getInstanceByDom(place)?.resize();
  }
});
