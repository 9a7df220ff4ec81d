// What a dashboard of ours is to Grafana's own types: every panel with the options and custom fields of its kind, every target a
// question to Prometheus. A name that Grafana does not know does not compile.
import type * as grafana from '@grafana/schema/dist/esm/raw/dashboard/x/dashboard_types.gen';
import type * as bargauge from '@grafana/schema/dist/esm/raw/composable/bargauge/panelcfg/x/BarGaugePanelCfg_types.gen';
import type * as stat from '@grafana/schema/dist/esm/raw/composable/stat/panelcfg/x/StatPanelCfg_types.gen';
import type * as timeline from '@grafana/schema/dist/esm/raw/composable/statetimeline/panelcfg/x/StateTimelinePanelCfg_types.gen';
import type * as table from '@grafana/schema/dist/esm/raw/composable/table/panelcfg/x/TablePanelCfg_types.gen';
import type * as timeseries from '@grafana/schema/dist/esm/raw/composable/timeseries/panelcfg/x/TimeSeriesPanelCfg_types.gen';

// JSON has the value of an enumeration where TypeScript wants its name; what has a default may be left out.
type InJson<T> = T extends string
  ? `${T}`
  : T extends number
    ? `${T}` extends `${infer N extends number}` ? N : T
    : T extends (infer U)[]
      ? InJson<U>[]
      : T extends object
        ? { [K in keyof T]?: InJson<T[K]> }
        : T;

interface Question {
  datasource: grafana.DataSourceRef;
  editorMode: 'code';
  expr: string;
  format: 'table' | 'time_series';
  instant: boolean;
  legendFormat: string;
  range: boolean;
  refId: string;
}

type Common = Omit<InJson<grafana.Panel>, 'type' | 'options' | 'fieldConfig' | 'targets'>;

interface Shown<Custom> {
  defaults: Omit<InJson<grafana.FieldConfig>, 'custom'> & { custom?: InJson<Custom> };
  overrides: grafana.FieldConfigSource['overrides'];
}

type Panel<Kind extends string, Options, Custom> = Common & {
  type: Kind;
  title: string;
  description: string;
  options: InJson<Options>;
  fieldConfig: Shown<Custom>;
  targets: Question[];
};

type AnyPanel =
  | Panel<'stat', stat.Options, never>
  | Panel<'bargauge', bargauge.Options, never>
  | Panel<'timeseries', timeseries.Options, timeseries.FieldConfig>
  | Panel<'state-timeline', timeline.Options, timeline.FieldConfig>
  | Panel<'table', table.Options, table.FieldConfig>
  | InJson<grafana.RowPanel>;

// The schema knows annotations of Grafana's own store alone; these are Prometheus's.
type Annotation = InJson<grafana.AnnotationQuery> & {
  expr: string;
  step: string;
  tagKeys: string;
  textFormat: string;
  titleFormat: string;
};

export type Dashboard = Omit<InJson<grafana.Dashboard>, 'annotations' | 'panels'> & {
  uid: string;
  title: string;
  editable: false;
  annotations: { list: Annotation[] };
  panels: AnyPanel[];
};
