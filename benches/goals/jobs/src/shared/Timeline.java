package bench;

import java.nio.ByteBuffer;
import java.util.function.Consumer;

/** A worker's facts, sorted by time and kind, fourteen bytes each: seconds, kind, mode, area. The last four of a kind are kept. */
final class Timeline {
  private static final int FACT = 8 + 1 + 1 + 4;
  private static final int MOST = 4;
  private static final int DEPARTED = 0;
  private static final int LEFT = 1;
  private static final int RETURNED = 2;
  /** Voids the returns up to its time. */
  private static final int CALLED_OFF = 3;
  private static final int STAYED = 4;
  private static final String[] MODES = {"", "air", "rail", "bus", "own"};

  private final byte[] facts;

  private Timeline(byte[] facts) {
    this.facts = facts;
  }

  static Timeline of(byte[] facts) {
    return new Timeline(facts == null ? new byte[0] : facts);
  }

  static int codeOf(String kind) {
    return switch (kind == null ? "" : kind) {
      case "cn.hr.worker.departed.v1" -> DEPARTED;
      case "cn.hr.worker.left.v1" -> LEFT;
      case "cn.hr.worker.returned.v1" -> RETURNED;
      case "cn.hr.worker.return-cancelled.v1" -> CALLED_OFF;
      case "cn.hr.worker.stayed.v1" -> STAYED;
      default -> -1;
    };
  }

  /** The facts with one more; null where it changes nothing. */
  byte[] joined(long seconds, int kind, String mode, String area) {
    byte way = 0;
    for (byte index = 1; index < MODES.length; index++) {
      if (MODES[index].equals(mode)) {
        way = index;
      }
    }
    int code = kind == CALLED_OFF || area == null ? 0 : Integer.parseInt(area.substring(0, 6));
    ByteBuffer known = ByteBuffer.wrap(facts);
    int place = 0;
    int ofKind = 0;
    int first = -1;
    boolean isVoid = false;
    for (int at = 0; at < facts.length; at += FACT) {
      long time = known.getLong(at);
      int other = known.get(at + 8);
      if (time == seconds && other == kind && known.get(at + 9) == way && known.getInt(at + 10) == code) {
        return null;
      }
      isVoid |= kind == RETURNED && other == CALLED_OFF && seconds <= time;
      if (other == kind) {
        first = first < 0 ? at : first;
        ofKind++;
      }
      if (time < seconds || time == seconds && other <= kind) {
        place = at + FACT;
      }
    }
    if (isVoid) {
      return null;
    }
    ByteBuffer joined = ByteBuffer.allocate(facts.length + FACT);
    joined.put(facts, 0, place).putLong(seconds).put((byte) kind).put(way).putInt(code);
    joined.put(facts, place, facts.length - place);
    byte[] all = joined.array();
    if (kind == CALLED_OFF) {
      return without(all, seconds);
    }
    if (ofKind < MOST) {
      return all;
    }
    int earliest = place <= first ? place : first;
    if (earliest == place) {
      return null;
    }
    ByteBuffer kept = ByteBuffer.allocate(all.length - FACT);
    kept.put(all, 0, earliest).put(all, earliest + FACT, all.length - earliest - FACT);
    return kept.array();
  }

  /** Without the returns that were called off. */
  private static byte[] without(byte[] all, long calledOff) {
    ByteBuffer known = ByteBuffer.wrap(all);
    ByteBuffer kept = ByteBuffer.allocate(all.length);
    for (int at = 0; at < all.length; at += FACT) {
      if (known.get(at + 8) != RETURNED || known.getLong(at) > calledOff) {
        kept.put(all, at, FACT);
      }
    }
    byte[] exactly = new byte[kept.position()];
    kept.flip().get(exactly);
    return exactly;
  }

  /** The cells that count the worker: measure, area and way of travel. */
  void presence(Consumer<String> counts) {
    long departed = Long.MIN_VALUE;
    long returned = Long.MIN_VALUE;
    long left = Long.MIN_VALUE;
    int area = 0;
    int way = 0;
    ByteBuffer known = ByteBuffer.wrap(facts);
    for (int at = 0; at < facts.length; at += FACT) {
      long time = known.getLong(at);
      int kind = known.get(at + 8);
      if (kind == CALLED_OFF) {
        continue;
      }
      switch (kind) {
        case DEPARTED -> departed = time;
        case LEFT -> left = time;
        case RETURNED -> {
          returned = time;
          way = known.get(at + 9);
        }
        default -> {}
      }
      area = known.getInt(at + 10) == 0 ? area : known.getInt(at + 10);
    }
    if (departed == Long.MIN_VALUE) {
      return;
    }
    count(counts, "departed", area, way);
    if (returned >= departed && left < returned) {
      count(counts, "returned", area, way);
    }
  }

  private static void count(Consumer<String> counts, String measure, int area, int way) {
    counts.accept(measure + '/' + area + '/');
    if (way != 0) {
      counts.accept(measure + '/' + area + '/' + MODES[way]);
    }
  }
}
