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
import org.apache.flink.connector.base.DeliveryGuarantee;
import org.apache.flink.connector.kafka.sink.KafkaRecordSerializationSchema;
import org.apache.flink.connector.kafka.sink.KafkaSink;
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
 * <p>usage: FlinkReturns BOOTSTRAP GROUP STATE_FOLDER TOPIC [CELLS_TOPIC]. Prints `cell level` for every cell once it has read to the
 * end, and stays until its input ends, so that it can be measured. With a topic for cells it never ends: it checkpoints every second,
 * and a cell that moved is written there, exactly once, a tenth of a second later at the latest.
 */
public final class FlinkReturns {
  private static final TypeInformation<byte[]> BYTES =
      PrimitiveArrayTypeInfo.BYTE_PRIMITIVE_ARRAY_TYPE_INFO;

  private FlinkReturns() {}

  public static void main(String[] arguments) throws Exception {
    Configuration settings = new Configuration();
    settings.setString("state.backend.type", "rocksdb");
    settings.setString("execution.checkpointing.incremental", "true");
    boolean isLive = arguments.length > 4;
    settings.setString("execution.checkpointing.interval", isLive ? "1 s" : "10 s");
    settings.setString("execution.checkpointing.mode", "EXACTLY_ONCE");
    settings.setString("execution.checkpointing.dir", "file://" + arguments[2] + "/checkpoints");
    settings.setString("taskmanager.memory.managed.size", "512m");
    settings.setString("taskmanager.memory.network.max", "128m");
    settings.setString("pipeline.object-reuse", "true");
    settings.setString("io.tmp.dirs", arguments[2]);
    int cores = Runtime.getRuntime().availableProcessors();
    try (StreamExecutionEnvironment job =
        StreamExecutionEnvironment.createLocalEnvironment(cores, settings)) {
      var reading =
          KafkaSource.<Tuple2<String, byte[]>>builder()
              .setBootstrapServers(arguments[0])
              .setGroupId(arguments[1])
              .setTopics(arguments[3])
              .setStartingOffsets(OffsetsInitializer.earliest())
              .setDeserializer(new Keyed());
      if (!isLive) {
        reading.setBounded(OffsetsInitializer.latest());
      }
      var moves =
          job.fromSource(reading.build(), WatermarkStrategy.noWatermarks(), "events")
              .keyBy(event -> event.f0)
              .process(new Joins())
              .returns(Types.TUPLE(Types.STRING, Types.LONG));
      var cells =
          moves
              .keyBy(move -> move.f0)
              .process(new Sums(isLive))
              .returns(Types.TUPLE(Types.STRING, Types.LONG));
      if (isLive) {
        cells.sinkTo(cellsTopic(arguments[0], arguments[1], arguments[4]));
        job.execute();
        return;
      }
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

  private static KafkaSink<Tuple2<String, Long>> cellsTopic(
      String bootstrap, String group, String topic) {
    return KafkaSink.<Tuple2<String, Long>>builder()
        .setBootstrapServers(bootstrap)
        .setDeliveryGuarantee(DeliveryGuarantee.EXACTLY_ONCE)
        .setTransactionalIdPrefix(group)
        .setProperty("transaction.timeout.ms", "60000")
        .setRecordSerializer(
            KafkaRecordSerializationSchema.<Tuple2<String, Long>>builder()
                .setTopic(topic)
                .setValueSerializationSchema(
                    (Tuple2<String, Long> cell) ->
                        (cell.f0 + ' ' + cell.f1).getBytes(StandardCharsets.US_ASCII))
                .build())
        .build();
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

  /** Sums a cell, and tells it at the end of all time; or soon after it moved. */
  static final class Sums
      extends KeyedProcessFunction<String, Tuple2<String, Long>, Tuple2<String, Long>> {
    private static final long TELLS_EVERY_MILLISECONDS = 100;

    private final boolean isLive;
    private transient ValueState<Long> level;

    Sums(boolean isLive) {
      this.isLive = isLive;
    }

    @Override
    public void open(Configuration settings) {
      level = getRuntimeContext().getState(new ValueStateDescriptor<>("level", Types.LONG));
    }

    @Override
    public void processElement(
        Tuple2<String, Long> move, Context context, Collector<Tuple2<String, Long>> out)
        throws Exception {
      Long known = level.value();
      if (isLive) {
        // One timer a moment: those of the same moment are one.
        long now = context.timerService().currentProcessingTime();
        context
            .timerService()
            .registerProcessingTimeTimer((now / TELLS_EVERY_MILLISECONDS + 1) * TELLS_EVERY_MILLISECONDS);
      } else if (known == null) {
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
