package bench;

import java.util.HashMap;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StoreQueryParameters;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.Grouped;
import org.apache.kafka.streams.kstream.Materialized;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.QueryableStoreTypes;
import org.apache.kafka.streams.state.Stores;

/**
 * The return rate by area and way of travel, in Kafka Streams: a timeline a worker in RocksDB, whose change moves cells, which
 * are summed behind a repartition topic. Exactly once. It writes no Parquet and keeps no ledger, which is less than chunfeng
 * does.
 *
 * <p>usage: Returns BOOTSTRAP APPLICATION STATE_FOLDER TOPIC. Prints `live` whenever all state is there, and `cell level` for every cell once it has read to the end, and
 * stays until its input ends, so that it can be measured.
 */
public final class Returns {
  static final String WORKERS = "workers";
  static final String CELLS = "cells";

  private Returns() {}

  public static void main(String[] arguments) throws Exception {
    String bootstrap = arguments[0];
    String application = arguments[1];
    String topic = arguments[3];
    Properties settings = new Properties();
    settings.put(StreamsConfig.APPLICATION_ID_CONFIG, application);
    settings.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrap);
    settings.put(StreamsConfig.STATE_DIR_CONFIG, arguments[2]);
    settings.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
    settings.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, Runtime.getRuntime().availableProcessors());
    settings.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, 1_000);
    settings.put(StreamsConfig.REPLICATION_FACTOR_CONFIG, 1);
    settings.put(StreamsConfig.consumerPrefix("auto.offset.reset"), "earliest");
    // Killed and started again, it is the member that it was.
    settings.put(StreamsConfig.consumerPrefix("group.instance.id"), application);
    settings.put(StreamsConfig.consumerPrefix("max.poll.records"), 5_000);
    settings.put(StreamsConfig.producerPrefix("linger.ms"), 100);
    settings.put(StreamsConfig.producerPrefix("batch.size"), 131_072);
    settings.put(StreamsConfig.producerPrefix("compression.type"), "lz4");

    StreamsBuilder builder = new StreamsBuilder();
    builder.addStateStore(
        Stores.keyValueStoreBuilder(
                Stores.persistentKeyValueStore(WORKERS), Serdes.String(), Serdes.ByteArray())
            .withCachingEnabled());
    builder.stream(topic, Consumed.with(Serdes.ByteArray(), Serdes.ByteArray()))
        .process(Moves::new, WORKERS)
        .groupByKey(Grouped.with("moves", Serdes.String(), Serdes.Long()))
        .reduce(
            Long::sum,
            Materialized.<String, Long, KeyValueStore<Bytes, byte[]>>as(CELLS)
                .withKeySerde(Serdes.String())
                .withValueSerde(Serdes.Long()));
    try (KafkaStreams streams = new KafkaStreams(builder.build(settings), settings);
        Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrap))) {
      streams.setStateListener(
          (now, before) -> {
            if (now == KafkaStreams.State.RUNNING) {
              System.out.println("live");
            }
          });
      streams.start();
      String moves = application + "-moves-repartition";
      while (!(isAtEnd(admin, application, topic) && isAtEnd(admin, application, moves))) {
        if (streams.state() == KafkaStreams.State.ERROR) {
          throw new IllegalStateException("the job failed");
        }
        TimeUnit.MILLISECONDS.sleep(200);
      }
      var cells =
          streams.store(
              StoreQueryParameters.fromNameAndType(
                  CELLS, QueryableStoreTypes.<String, Long>keyValueStore()));
      StringBuilder told = new StringBuilder();
      try (var all = cells.all()) {
        all.forEachRemaining(cell -> told.append(cell.key).append(' ').append(cell.value).append('\n'));
      }
      System.out.print(told);
      System.out.println("end");
      System.out.flush();
      while (System.in.read() >= 0) {}
    }
  }

  /** Whether the application has committed everything that a topic holds. */
  private static boolean isAtEnd(Admin admin, String application, String topic) throws Exception {
    Map<TopicPartition, OffsetAndMetadata> committed =
        admin.listConsumerGroupOffsets(application).partitionsToOffsetAndMetadata().get();
    Map<TopicPartition, OffsetSpec> asked = new HashMap<>();
    for (TopicPartition partition : committed.keySet()) {
      if (partition.topic().equals(topic)) {
        asked.put(partition, OffsetSpec.latest());
      }
    }
    if (asked.isEmpty()) {
      return false;
    }
    // A transaction ends with a marker, which nobody consumes.
    for (var end : admin.listOffsets(asked).all().get().entrySet()) {
      if (end.getValue().offset() - committed.get(end.getKey()).offset() > 1) {
        return false;
      }
    }
    return true;
  }
}
