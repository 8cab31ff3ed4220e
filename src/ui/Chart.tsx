import '@mantine/charts/styles.layer.css';
import { AreaChart, BarChart, LineChart } from '@mantine/charts';
import type { FigureProps, Series } from './Figure.tsx';
import { formatNumber } from './format.ts';
import { useLanguage } from './words.ts';

const colours: Record<NonNullable<Series['colour']>, string> = {
  strongest: 'color-mix(in srgb, var(--kept-accent) 35%, var(--kept-text))',
  accent: 'var(--kept-accent)',
  lighter: 'color-mix(in srgb, var(--kept-accent) 60%, var(--mantine-color-body))',
  pale: 'color-mix(in srgb, var(--kept-accent) 25%, var(--mantine-color-body))',
  soft: 'var(--kept-field)',
  kept: 'var(--kept-kept-fill)',
  due: 'var(--kept-due-fill)',
  broken: 'var(--kept-broken-fill)',
  unknown: 'var(--kept-unknown-fill)',
};

/** Drawn by recharts; only `Figure` loads this. */
export default function Chart({ kind, rows, series, heightPx, stacked = false }: FigureProps) {
  const language = useLanguage();
  const shared = {
    h: heightPx ?? 220,
    data: rows.map((row) => ({ ...row })),
    dataKey: 'x',
    series: series.map(({ id, label, colour }) => ({
      name: id,
      label,
      color: colours[colour ?? 'accent'],
    })),
    gridAxis: 'x' as const,
    tickLine: 'none' as const,
    strokeDasharray: '0',
    withLegend: series.length > 1,
    // In the order in which they stand, not by their letters.
    legendProps: { itemSorter: null },
    valueFormatter: (value: number) => formatNumber(value, language),
  };
  const lines = { curveType: 'linear' as const, withDots: rows.length < 32, strokeWidth: 1.75 };
  const stacks = stacked ? { type: 'stacked' as const } : {};
  // The figure is drawn for the eye; its table speaks to everybody else.
  const silent = { accessibilityLayer: false };
  if (kind === 'bar')
    return (
      <BarChart
        {...shared}
        {...stacks}
        barChartProps={silent}
        barProps={{ isAnimationActive: false }}
      />
    );
  if (kind === 'area')
    return (
      <AreaChart
        {...shared}
        {...lines}
        {...stacks}
        areaChartProps={silent}
        fillOpacity={stacked ? 0.85 : 0.15}
        areaProps={{ isAnimationActive: false }}
      />
    );
  return (
    <LineChart
      {...shared}
      {...lines}
      lineChartProps={silent}
      lineProps={{ isAnimationActive: false }}
    />
  );
}
