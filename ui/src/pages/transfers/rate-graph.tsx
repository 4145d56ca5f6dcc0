// How fast it has been in the last minutes: a graph, and the same as a table.

import { type ReactNode, useEffect, useRef } from "react";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { type RatePoint, useRates } from "../../api/rates.ts";
import { rateText } from "../../format/bytes.ts";
import { exactClockText } from "../../format/moment.ts";
import { useAppearance } from "../../world/appearance.ts";

const HEIGHT_PX = 160;
const TABLE_ROWS_MAX = 20;

export function RateGraph({ id }: { readonly id: string }): ReactNode {
  const points = useRates(id);
  if (points.length < 2) return <p className="quiet small">The graph begins with the next report of the device.</p>;
  return (
    <figure className="rates">
      <Plot points={points} />
      <details className="small">
        <summary>The same as a table</summary>
        <table className="table">
          <thead>
            <tr>
              <th scope="col">Time</th>
              <th scope="col">Down</th>
              <th scope="col">Up</th>
            </tr>
          </thead>
          <tbody>
            {points.slice(-TABLE_ROWS_MAX).map((point) => (
              <tr key={point.atMs}>
                <td>{exactClockText(point.atMs)}</td>
                <td>{rateText(point.rateDown)}</td>
                <td>{rateText(point.rateUp)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </details>
    </figure>
  );
}

function Plot({ points }: { readonly points: readonly RatePoint[] }): ReactNode {
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot>(null);
  const appearance = useAppearance();
  useEffect(() => {
    const parent = box.current;
    if (parent === null) return undefined;
    plot.current = new uPlot(options(parent), dataOf([]), parent);
    const observer = new ResizeObserver(() => plot.current?.setSize({ width: parent.clientWidth, height: HEIGHT_PX }));
    observer.observe(parent);
    return () => {
      observer.disconnect();
      plot.current?.destroy();
      plot.current = null;
    };
  }, [appearance]);
  useEffect(() => plot.current?.setData(dataOf(points)), [points, appearance]);
  return <div ref={box} className="rates-plot" aria-hidden="true" />;
}

function dataOf(points: readonly RatePoint[]): uPlot.AlignedData {
  return [
    points.map((point) => point.atMs / 1000),
    points.map((point) => point.rateDown),
    points.map((point) => point.rateUp),
  ];
}

function options(parent: HTMLElement): uPlot.Options {
  const style = getComputedStyle(parent);
  const { color: accent, borderTopColor: line, outlineColor: grey } = style;
  const axis = {
    stroke: grey,
    grid: { stroke: line, width: 1 },
    ticks: { show: false },
    font: `12px ${style.fontFamily}`,
  };
  return {
    width: parent.clientWidth,
    height: HEIGHT_PX,
    cursor: { show: false },
    legend: { show: false },
    scales: { y: { range: (_plot, _low, high) => [0, Math.max(high * 1.1, 1000)] } },
    axes: [
      { ...axis, values: (_plot, ticks) => ticks.map((seconds) => exactClockText(seconds * 1000)) },
      { ...axis, size: 78, values: (_plot, ticks) => ticks.map((rate) => rateText(rate)) },
    ],
    series: [{}, { stroke: accent, width: 2 }, { stroke: grey, width: 1.5, dash: [4, 4] }],
  };
}
