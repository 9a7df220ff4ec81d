package bench;

import org.apache.kafka.streams.processor.api.ContextualProcessor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;

/** An event into what it moves in the cells. */
final class Moves extends ContextualProcessor<byte[], byte[], String, Long> {
  private final Event event = new Event();
  private KeyValueStore<String, byte[]> workers;

  @Override
  public void init(ProcessorContext<String, Long> context) {
    super.init(context);
    workers = context.getStateStore(Returns.WORKERS);
  }

  @Override
  public void process(Record<byte[], byte[]> record) {
    if (!event.read(record.value())) {
      return;
    }
    byte[] after =
        event.joined(
            workers.get(event.subject),
            (cell, by) -> context().forward(new Record<>(cell, by, record.timestamp())));
    if (after != null) {
      workers.put(event.subject, after);
    }
  }
}
