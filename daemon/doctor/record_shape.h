// What the newest messages hold, by the project's own parser.
#ifndef SIGNINWATCH_DAEMON_DOCTOR_RECORD_SHAPE_H_
#define SIGNINWATCH_DAEMON_DOCTOR_RECORD_SHAPE_H_

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "daemon/kafka/cluster_probe.h"
#include "daemon/shape/message_shape.h"
#include "parser/event_time.h"
#include "parser/message_parser.h"
#include "parser/signal.h"

namespace signinwatch::doctor {

struct RecordShape {
  uint64_t messages = 0;
  uint64_t records = 0;
  std::array<uint64_t, kCategoryCount> accepted{};  // by Category
  std::map<std::string, uint64_t> irrelevant;       // by category
  std::map<std::string, uint64_t> rejected;         // by reason
  // What most of the messages look like of which no record is of use; empty: all are of some.
  shape::MessageShape unused;
  uint64_t unused_messages = 0;
  // Messages that break in their middle: some records were whole, and the rest is lost.
  uint64_t broken_messages = 0;
  EventTime newest_message = kBeginningOfTime;  // broker's time; kBeginningOfTime: none
  // From an accepted record's event to the broker's time of its message. With delays: some had
  // both.
  bool has_delays = false;
  Duration least_delay{0};
  Duration most_delay{0};

  [[nodiscard]] uint64_t of(Category category) const {
    return accepted[static_cast<size_t>(category)];
  }
};

// `now` stands for the broker's time of a message without one.
[[nodiscard]] RecordShape ShapeOf(const std::vector<kafka::ProbedMessage>& messages,
                                  const ParserOptions& options, EventTime now);

}  // namespace signinwatch::doctor

#endif  // SIGNINWATCH_DAEMON_DOCTOR_RECORD_SHAPE_H_
