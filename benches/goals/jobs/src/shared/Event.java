package bench;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.time.OffsetDateTime;
import java.util.HashMap;
import java.util.Map;
import java.util.function.BiConsumer;

/** An event, read for what the jobs want of it; and what it moves. One is used again and again. */
final class Event {
  private static final JsonFactory JSON = new JsonFactory();

  String subject;
  private String kind;
  private String time;
  private String area;
  private String mode;

  /** Reads a CloudEvent. Whether it is one about a worker. */
  boolean read(byte[] value) {
    kind = subject = time = area = mode = null;
    try (JsonParser json = JSON.createParser(value)) {
      int depth = 0;
      for (JsonToken token = json.nextToken(); token != null; token = json.nextToken()) {
        if (token == JsonToken.START_OBJECT) {
          depth++;
        } else if (token == JsonToken.END_OBJECT) {
          depth--;
        } else if (token == JsonToken.VALUE_STRING) {
          take(json.currentName(), depth, json);
        }
      }
    } catch (IOException broken) {
      return false;
    }
    return Timeline.codeOf(kind) >= 0 && subject != null && time != null;
  }

  private void take(String name, int depth, JsonParser json) throws IOException {
    if (depth == 1) {
      switch (name) {
        case "type" -> kind = json.getText();
        case "subject" -> subject = json.getText();
        case "time" -> time = json.getText();
        default -> {}
      }
    } else if (name.equals("area")) {
      area = json.getText();
    } else if (name.equals("mode")) {
      mode = json.getText();
    }
  }

  /** The worker's facts with this one, after what moves has been told; null where it changes nothing. */
  byte[] joined(byte[] known, BiConsumer<String, Long> moves) {
    Timeline before = Timeline.of(known);
    long seconds = OffsetDateTime.parse(time).toEpochSecond();
    byte[] after = before.joined(seconds, Timeline.codeOf(kind), mode, area);
    if (after != null) {
      Map<String, Long> moved = new HashMap<>();
      Timeline.of(after).presence(cell -> moved.merge(cell, 1L, Long::sum));
      before.presence(cell -> moved.merge(cell, -1L, Long::sum));
      moved.forEach(
          (cell, by) -> {
            if (by != 0) {
              moves.accept(cell, by);
            }
          });
    }
    return after;
  }
}
