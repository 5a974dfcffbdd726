// Draws every [data-chart] with Apache ECharts from the JSON beside it; the table stays behind it.
"use strict";

const palette_of = (dark) =>
  dark
    ? ["#5b8cff", "#4cc38a", "#f0b040", "#ff8a73", "#9d8cff", "#59c7d6"]
    : ["#2f62e8", "#2a9d6f", "#e09b2d", "#d9573f", "#7c66d6", "#2b93a8"];

const look = () => {
  const style = getComputedStyle(document.body);
  const dark = document.documentElement.dataset.bsTheme === "dark";
  return {
    dark,
    words: dark ? "#a3afc2" : "#5b6678",
    line: dark ? "#27324a" : "#e3e8f0",
    colours: palette_of(dark),
    steps: dark
      ? ["#5b8cff", "#4a76db", "#3b61b8", "#2f4e96", "#253e78"]
      : ["#2f62e8", "#4f7cee", "#7498f2", "#99b4f6", "#bfd0fa"],
    font: style.fontFamily,
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

const axisOptions = (spec, at) => {
  const right = spec.series.some((each) => each.right);
  const valueAxis = (name, line) => ({
    type: "value",
    minInterval: line ? 0 : 1,
    name,
    nameTextStyle: { color: at.words, align: line ? "left" : "right" },
    axisLabel: { color: at.words, formatter: short },
    splitLine: { show: line, lineStyle: { color: at.line } },
  });
  return {
    grid: { left: 8, right: right ? 8 : 16, top: 64, bottom: 8, containLabel: true },
    legend: { right: 8, top: 4, itemGap: 18, textStyle: { color: at.words } },
    tooltip: { trigger: "axis", axisPointer: { type: "shadow" }, valueFormatter: (v) => figure.format(v) },
    xAxis: {
      type: "category",
      data: spec.labels,
      axisTick: { show: false },
      axisLine: { lineStyle: { color: at.line } },
      axisLabel: { color: at.words, hideOverlap: true },
    },
    yAxis: right ? [valueAxis(spec.left, true), valueAxis(spec.right, false)] : valueAxis(spec.left, true),
    series: spec.series.map((each) => ({
      name: each.name,
      type: each.kind,
      data: each.values.map(Number),
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
  tooltip: { trigger: "item", valueFormatter: (v) => figure.format(v) },
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
      data: spec.items.map((item, place) => ({
        ...item,
        itemStyle: { color: at.steps[place % at.steps.length], borderWidth: 0 },
      })),
    },
  ],
});

const draw = (place) => {
  const source = document.getElementById(place.dataset.chart);
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

const drawAll = (root) => {
  for (const place of root.querySelectorAll("[data-chart]")) draw(place);
};

drawAll(document);
document.addEventListener("console:theme", () => drawAll(document));
document.addEventListener("htmx:afterSettle", (event) => drawAll(event.target));
window.addEventListener("resize", () => {
  for (const place of document.querySelectorAll("[data-chart]")) {
    echarts.getInstanceByDom(place)?.resize();
  }
});
