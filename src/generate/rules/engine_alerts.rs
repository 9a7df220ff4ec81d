//! When people are called because of the engine itself: it is away, falls behind, or cannot write. Each alert stands beside what
//! was exported when it fires and when it does not, from which its tests are made.

/// An alert that no pipeline file asks for.
pub struct EngineAlert {
    pub name: &'static str,
    pub expression: &'static str,
    /// Only after it has been so for this long.
    pub hold: &'static str,
    pub severity: &'static str,
    /// What is wrong, in Chinese and in English. `{{ $labels.x }}` is a label of the alert.
    pub summary: [&'static str; 2],
    /// What to do.
    pub description: &'static str,
    /// The labels that it fires with in its test.
    pub labels: &'static [(&'static str, &'static str)],
    /// Series of a test in which it fires, in promtool's notation, a sample a minute.
    pub fires: &'static [(&'static str, &'static str)],
    /// Series of a test in which nobody is to be called.
    pub quiet: &'static [(&'static str, &'static str)],
}

/// All of them, the gravest first.
pub const ENGINE_ALERTS: [EngineAlert; 8] = [
    EngineAlert {
        name: "ChunfengDown",
        expression: "up{job=\"chunfeng\"} == 0\nor absent(up{job=\"chunfeng\"})",
        hold: "3m",
        severity: "critical",
        summary: ["chunfeng 没有应答", "chunfeng does not answer"],
        description: "指标与看板都不再更新；没有记录丢失，重启后从湖中继续 / No figure moves any more; no record is lost: it goes on from \
                      the lake when it is back",
        labels: &[("job", "chunfeng"), ("instance", "one")],
        fires: &[(r#"up{job="chunfeng", instance="one"}"#, "0+0x40")],
        quiet: &[(r#"up{job="chunfeng", instance="one"}"#, "1 0 0 1+0x37")],
    },
    EngineAlert {
        name: "ChunfengLakeFails",
        expression: "max by (instance) (chunfeng_lake_failing) == 1",
        hold: "5m",
        severity: "critical",
        summary: [
            "{{ $labels.instance }} 写不进湖",
            "{{ $labels.instance }} cannot write to the lake",
        ],
        description: "写入会一直重试，期间不再读取 Kafka / It tries again and again, and reads no further meanwhile",
        labels: &[("instance", "one")],
        fires: &[(r#"chunfeng_lake_failing{instance="one"}"#, "1+0x40")],
        quiet: &[(r#"chunfeng_lake_failing{instance="one"}"#, "1 1 1 0 1 1 1 0+0x33")],
    },
    EngineAlert {
        name: "ChunfengEntitiesInSeveralPartitions",
        expression: "max by (pipeline) (chunfeng_entities_in_several_partitions) > 0",
        hold: "5m",
        severity: "critical",
        summary: [
            "{{ $labels.pipeline }} 的同一对象出现在多个分区",
            "Entities of {{ $labels.pipeline }} have events in several partitions",
        ],
        description: "多个实例会重复计数：生产者须以对象为键并用同一分区器 / Several instances would count them twice: producers must key by \
                      entity, with one partitioner",
        labels: &[("pipeline", "p")],
        fires: &[(
            r#"chunfeng_entities_in_several_partitions{pipeline="p", instance="one"}"#,
            "1+0x40",
        )],
        quiet: &[(
            r#"chunfeng_entities_in_several_partitions{pipeline="p", instance="one"}"#,
            "0+0x40",
        )],
    },
    EngineAlert {
        name: "ChunfengLagGrows",
        expression: "max by (topic, partition) (chunfeng_consumer_lag_records) > 100000\n\
                     and max by (topic, partition) (deriv(chunfeng_consumer_lag_records[15m])) > 0",
        hold: "15m",
        severity: "warning",
        summary: [
            "{{ $labels.topic }}/{{ $labels.partition }} 积压在增长",
            "{{ $labels.topic }}/{{ $labels.partition }} falls further behind",
        ],
        description: "看板落后于现实；看解码线程与分片是否满载 / Figures are behind; see whether the decoding thread or the shards are at a \
                      full core",
        labels: &[("topic", "hr.workers"), ("partition", "0")],
        fires: &[(
            r#"chunfeng_consumer_lag_records{topic="hr.workers", partition="0"}"#,
            "200000+1000x40",
        )],
        quiet: &[(
            r#"chunfeng_consumer_lag_records{topic="hr.workers", partition="0"}"#,
            "900000-10000x40",
        )],
    },
    EngineAlert {
        name: "ChunfengCommitsNothing",
        expression: "time() - max(chunfeng_last_commit_timestamp_seconds) > 600\n\
                     and max(chunfeng_consumer_lag_records) > 0",
        hold: "5m",
        severity: "critical",
        summary: [
            "有积压，却十分钟没有提交",
            "Nothing was committed for ten minutes although records wait",
        ],
        description: "看日志与湖；提交前的记录不计入看板 / See the log and the lake; what is not committed is on no board",
        labels: &[],
        fires: &[
            (r#"chunfeng_last_commit_timestamp_seconds{pipeline="p"}"#, "0+0x40"),
            (r#"chunfeng_consumer_lag_records{topic="hr.workers", partition="0"}"#, "5+0x40"),
        ],
        quiet: &[
            (r#"chunfeng_last_commit_timestamp_seconds{pipeline="p"}"#, "0+0x40"),
            (r#"chunfeng_consumer_lag_records{topic="hr.workers", partition="0"}"#, "0+0x40"),
        ],
    },
    EngineAlert {
        name: "ChunfengRecoversForLong",
        expression: "max by (instance) (min_over_time(chunfeng_recovering_partitions[30m])) > 0",
        hold: "5m",
        severity: "warning",
        summary: [
            "{{ $labels.instance }} 恢复了半小时仍未完成",
            "{{ $labels.instance }} has been recovering for half an hour",
        ],
        description: "分区的记录在此期间等待；看日志中的 recalled / The records of its partitions wait; see `recalled` in the log",
        labels: &[("instance", "one")],
        fires: &[(r#"chunfeng_recovering_partitions{instance="one"}"#, "4+0x40")],
        quiet: &[(r#"chunfeng_recovering_partitions{instance="one"}"#, "4 4 4 0+0x37")],
    },
    EngineAlert {
        name: "ChunfengLateDataHigh",
        expression: "1 - sum by (pipeline) (rate(chunfeng_event_lateness_seconds_bucket{le=~\"86400(\\\\.0)?\"}[30m]))\n\
                     / sum by (pipeline) (rate(chunfeng_event_lateness_seconds_count[30m])) > 0.2",
        hold: "30m",
        severity: "info",
        summary: [
            "{{ $labels.pipeline }} 的事件有两成以上迟到一天多",
            "More than a fifth of the events of {{ $labels.pipeline }} are over a day late",
        ],
        description: "迟到的事件照样计入其发生的时刻，已发布的数字会被更正 / They count when they happened, so figures that were published are \
                      corrected; see which feed reports late",
        labels: &[("pipeline", "p")],
        fires: &[
            (r#"chunfeng_event_lateness_seconds_bucket{pipeline="p", le="86400"}"#, "0+50x70"),
            (r#"chunfeng_event_lateness_seconds_count{pipeline="p"}"#, "0+100x70"),
        ],
        quiet: &[
            (r#"chunfeng_event_lateness_seconds_bucket{pipeline="p", le="86400"}"#, "0+95x70"),
            (r#"chunfeng_event_lateness_seconds_count{pipeline="p"}"#, "0+100x70"),
        ],
    },
    EngineAlert {
        name: "ChunfengRestarts",
        expression: "changes(process_start_time_seconds{job=\"chunfeng\"}[1h]) > 3",
        hold: "1m",
        severity: "warning",
        summary: [
            "{{ $labels.instance }} 一小时内重启了三次以上",
            "{{ $labels.instance }} has started more than three times within an hour",
        ],
        description: "看日志的最后一行与退出码 / See the last line of its log and its exit code",
        labels: &[("job", "chunfeng"), ("instance", "one")],
        fires: &[(
            r#"process_start_time_seconds{job="chunfeng", instance="one"}"#,
            "1 2 3 4 5 6+0x50",
        )],
        quiet: &[(r#"process_start_time_seconds{job="chunfeng", instance="one"}"#, "1 2 3 3+0x50")],
    },
];
