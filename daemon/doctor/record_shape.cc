#include "daemon/doctor/record_shape.h"

#include <algorithm>
#include <utility>

namespace signinwatch::doctor {

RecordShape ShapeOf(const std::vector<kafka::ProbedMessage>& messages, const ParserOptions& options,
                    EventTime now) {
  RecordShape shape;
  MessageParser parser(options);
  ParsedMessage parsed;
  std::map<std::string, std::pair<uint64_t, shape::MessageShape>> unused;  // by name
  for (const kafka::ProbedMessage& message : messages) {
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
    if (parsed.records > 0 && parsed.signals.empty()) {
      shape::MessageShape seen = shape::RecogniseShape(message.payload, options.unwrap);
      auto& [count, kept] = unused[seen.name];
      if (count++ == 0) kept = std::move(seen);
      ++shape.unused_messages;
    }
    const bool broken =
        std::any_of(parsed.rejects.begin(), parsed.rejects.end(),
                    [](const Reject& reject) { return reject.reason == RejectReason::kDamaged; });
    if (broken && parsed.records > 1) ++shape.broken_messages;
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
  uint64_t most = 0;
  for (auto& [name, seen] : unused) {
    if (seen.first <= most) continue;
    most = seen.first;
    shape.unused = seen.second;
  }
  return shape;
}

}  // namespace signinwatch::doctor
