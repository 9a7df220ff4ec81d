package bench;

import java.nio.charset.StandardCharsets;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.PrimitiveArrayTypeInfo;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.java.tuple.Tuple2;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.connector.kafka.source.KafkaSource;
import org.apache.flink.connector.kafka.source.enumerator.initializer.OffsetsInitializer;
import org.apache.flink.connector.kafka.source.reader.deserializer.KafkaRecordDeserializationSchema;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.CloseableIterator;
import org.apache.flink.util.Collector;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * The return rate by area and way of travel, in Flink's DataStream API: a timeline a worker in RocksDB, whose change moves cells,
 * which are summed by key. Checkpoints are exactly-once and incremental, as often as chunfeng commits. It writes no Parquet.
 *
 * <p>usage: FlinkReturns BOOTSTRAP GROUP STATE_FOLDER TOPIC. Prints `cell level` for every cell once it has read to the end, and
 * stays until its input ends, so that it can be measured.
 */
public final class FlinkReturns {
  private static final TypeInformation<byte[]> BYTES =
      PrimitiveArrayTypeInfo.BYTE_PRIMITIVE_ARRAY_TYPE_INFO;

  private FlinkReturns() {}

  public static void main(String[] arguments) throws Exception {
    Configuration settings = new Configuration();
    settings.setString("state.backend.type", "rocksdb");
    settings.setString("execution.checkpointing.incremental", "true");
    settings.setString("execution.checkpointing.interval", "10 s");
    settings.setString("execution.checkpointing.mode", "EXACTLY_ONCE");
    settings.setString("execution.checkpointing.dir", "file://" + arguments[2] + "/checkpoints");
    settings.setString("taskmanager.memory.managed.size", "512m");
    settings.setString("taskmanager.memory.network.max", "128m");
    settings.setString("pipeline.object-reuse", "true");
    settings.setString("io.tmp.dirs", arguments[2]);
    int cores = Runtime.getRuntime().availableProcessors();
    try (StreamExecutionEnvironment job =
        StreamExecutionEnvironment.createLocalEnvironment(cores, settings)) {
      KafkaSource<Tuple2<String, byte[]>> source =
          KafkaSource.<Tuple2<String, byte[]>>builder()
              .setBootstrapServers(arguments[0])
              .setGroupId(arguments[1])
              .setTopics(arguments[3])
              .setStartingOffsets(OffsetsInitializer.earliest())
              .setBounded(OffsetsInitializer.latest())
              .setDeserializer(new Keyed())
              .build();
      var moves =
          job.fromSource(source, WatermarkStrategy.noWatermarks(), "events")
              .keyBy(event -> event.f0)
              .process(new Joins())
              .returns(Types.TUPLE(Types.STRING, Types.LONG));
      var cells =
          moves
              .keyBy(move -> move.f0)
              .process(new Sums())
              .returns(Types.TUPLE(Types.STRING, Types.LONG));
      StringBuilder told = new StringBuilder();
      try (CloseableIterator<Tuple2<String, Long>> all = cells.executeAndCollect()) {
        all.forEachRemaining(cell -> told.append(cell.f0).append(' ').append(cell.f1).append('\n'));
      }
      System.out.print(told);
      System.out.println("end");
      System.out.flush();
      while (System.in.read() >= 0) {}
    }
  }

  /** The worker, who is the record's key, and the bytes as they are. */
  static final class Keyed implements KafkaRecordDeserializationSchema<Tuple2<String, byte[]>> {
    @Override
    public void deserialize(
        ConsumerRecord<byte[], byte[]> record, Collector<Tuple2<String, byte[]>> out) {
      out.collect(Tuple2.of(new String(record.key(), StandardCharsets.US_ASCII), record.value()));
    }

    @Override
    public TypeInformation<Tuple2<String, byte[]>> getProducedType() {
      return Types.TUPLE(Types.STRING, BYTES);
    }
  }

  /** Joins an event to its worker's timeline. */
  static final class Joins
      extends KeyedProcessFunction<String, Tuple2<String, byte[]>, Tuple2<String, Long>> {
    private transient ValueState<byte[]> worker;
    private transient Event event;

    @Override
    public void open(Configuration settings) {
      worker =
          getRuntimeContext()
              .getState(
                  new ValueStateDescriptor<>("worker", BYTES));
      event = new Event();
    }

    @Override
    public void processElement(
        Tuple2<String, byte[]> record, Context context, Collector<Tuple2<String, Long>> out)
        throws Exception {
      if (!event.read(record.f1)) {
        return;
      }
      byte[] after = event.joined(worker.value(), (cell, by) -> out.collect(Tuple2.of(cell, by)));
      if (after != null) {
        worker.update(after);
      }
    }
  }

  /** Sums a cell, and tells it at the end of all time. */
  static final class Sums
      extends KeyedProcessFunction<String, Tuple2<String, Long>, Tuple2<String, Long>> {
    private transient ValueState<Long> level;

    @Override
    public void open(Configuration settings) {
      level = getRuntimeContext().getState(new ValueStateDescriptor<>("level", Types.LONG));
    }

    @Override
    public void processElement(
        Tuple2<String, Long> move, Context context, Collector<Tuple2<String, Long>> out)
        throws Exception {
      Long known = level.value();
      if (known == null) {
        context.timerService().registerEventTimeTimer(Long.MAX_VALUE);
      }
      level.update((known == null ? 0 : known) + move.f1);
    }

    @Override
    public void onTimer(long time, OnTimerContext context, Collector<Tuple2<String, Long>> out)
        throws Exception {
      out.collect(Tuple2.of(context.getCurrentKey(), level.value()));
    }
  }
}
