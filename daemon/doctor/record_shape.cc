#include "daemon/doctor/record_shape.h"

#include <algorithm>

namespace signinwatch {

RecordShape ShapeOf(const std::vector<ProbedMessage>& messages, const ParserOptions& options,
                    EventTime now) {
  RecordShape shape;
  MessageParser parser(options);
  ParsedMessage parsed;
  for (const ProbedMessage& message : messages) {
    const bool timed = message.broker_time != kBeginningOfTime;
    parser.Parse(message.payload, timed ? message.broker_time : now, &parsed);
    ++shape.messages;
    shape.records += parsed.records;
    for (const Reject& reject : parsed.rejects) {
      shape.rejected[RejectReasonName(reject.reason)] += reject.records;
    }
    for (const IrrelevantCount& count : parsed.irrelevant) {
      shape.irrelevant[std::string(parsed.Text(count.category))] += count.records;
    }
    for (const Signal& signal : parsed.signals) {
      ++shape.accepted[static_cast<size_t>(signal.category)];
      if (!timed || signal.is_risk_event()) continue;  // those may come at any time
      const Duration delay = message.broker_time - signal.event_time;
      shape.least_delay = shape.has_delays ? std::min(shape.least_delay, delay) : delay;
      shape.most_delay = shape.has_delays ? std::max(shape.most_delay, delay) : delay;
      shape.has_delays = true;
    }
    shape.newest_message = std::max(shape.newest_message, message.broker_time);
  }
  return shape;
}

}  // namespace signinwatch
