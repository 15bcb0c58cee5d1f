#include "daemon/serve/readiness.h"

#include <algorithm>
#include <chrono>

namespace signinwatch::serve {

using Reason = pipeline::Condition::Reason;

std::vector<pipeline::Condition> NotReady(const ReadinessInputs& inputs,
                                          const pipeline::ServeStatus& status,
                                          const kafka::SourceFacts& source) {
  std::vector<pipeline::Condition> reasons;
  const std::string client_error = source.last_error.empty() ? "" : ": " + source.last_error;
  if (inputs.stopping) reasons.push_back({Reason::kStopping, "It is stopping."});
  if (inputs.reloading)
    reasons.push_back({Reason::kReloading, "A new configuration is being started."});
  if (!inputs.failure.ok()) {
    reasons.push_back(
        {Reason::kFailed, "It cannot go on: " + std::string(inputs.failure.message()) + "."});
  }
  if (!inputs.commit_problem.empty()) {
    reasons.push_back({Reason::kNotCommitted, "Nothing can be committed, so reading waits: " +
                                                  inputs.commit_problem + "."});
  }
  const bool assigned = std::any_of(status.partitions.begin(), status.partitions.end(),
                                    [](const pipeline::PartitionStatus& p) { return p.assigned; });
  const auto waiting = std::count_if(status.partitions.begin(), status.partitions.end(),
                                     [](const pipeline::PartitionStatus& p) { return p.waiting; });
  const bool several = inputs.role != config::Role::kAll;
  const bool broker_up = std::any_of(source.brokers.begin(), source.brokers.end(),
                                     [](const kafka::SourceFacts::Broker& b) { return b.up; });
  if (!broker_up) {
    reasons.push_back({Reason::kNoBroker, "No Kafka broker is connected" + client_error + "."});
  } else if (several ? source.rebalances == 0 : !assigned) {
    reasons.push_back({Reason::kNotAssigned, "No partition is assigned yet" + client_error + "."});
  }
  if (waiting > 0) {
    reasons.push_back(
        {Reason::kTakingOver,
         std::to_string(waiting) + (waiting == 1 ? " partition is" : " partitions are") +
             " being taken over" +
             (inputs.takeover_problem.empty() ? "" : ": " + inputs.takeover_problem) + "."});
  }
  if (!several && source.partitions_elsewhere > 0) {
    reasons.push_back({Reason::kShared,
                       std::to_string(source.partitions_elsewhere) +
                           " partitions are read by another member of the group '" + inputs.group +
                           "', so bursts would be missed: stop it, or give one of them another "
                           "kafka.group."});
  }
  return reasons;
}

void AddLag(const kafka::SourceFacts& source, Duration allowed_lateness, EventTime now,
            std::vector<pipeline::PartitionStatus>* partitions) {
  for (pipeline::PartitionStatus& p : *partitions) {
    for (const kafka::PartitionFacts& facts : source.partitions) {
      if (facts.topic != p.topic || facts.partition != p.partition) continue;
      p.log_end_offset = facts.log_end_offset;
      if (facts.log_end_offset >= 0) {
        p.lag_records = std::max<int64_t>(facts.log_end_offset - p.next_offset, 0);
      }
    }
    // That there is nothing to read is known from the end, or, a second old, from the statistics.
    // Of a paused partition the end that was seen is of before, and the statistics are older.
    const bool all_read = !p.paused && (p.at_end || p.lag_records == 0);
    if (all_read || p.watermark == kBeginningOfTime) continue;
    const Duration behind = now - (p.watermark + allowed_lateness);
    p.lag_seconds = std::max(0.0, std::chrono::duration<double>(behind).count());
  }
}

std::vector<pipeline::Condition> UnusedTopics(Duration after, EventTime now,
                                              std::vector<pipeline::TopicStatus>* topics) {
  std::vector<pipeline::Condition> warnings;
  for (pipeline::TopicStatus& topic : *topics) {
    topic.irrelevant_for_long =
        topic.unused_since != kBeginningOfTime && now - topic.unused_since >= after;
    if (!topic.irrelevant_for_long) continue;
    std::string text = "Nothing in topic " + topic.topic + " is of use: none of the last " +
                       std::to_string(topic.unused) + " records, since " +
                       FormatEventTime(topic.unused_since).substr(0, 16) + " UTC.";
    if (!topic.shape.empty()) {
      text += " They look like " + topic.shape + ": " + topic.advice + ".";
    }
    warnings.push_back({Reason::kUnused, std::move(text)});
  }
  return warnings;
}

std::vector<pipeline::Condition> LostInPartitions(
    const kafka::SourceFacts& source, EventTime now,
    std::vector<pipeline::PartitionStatus>* partitions) {
  for (const kafka::PartitionFacts& facts : source.partitions) {
    if (!facts.unreadable.has_value()) continue;
    for (pipeline::PartitionStatus& p : *partitions) {
      if (facts.topic != p.topic || facts.partition != p.partition) continue;
      p.stands_at = kafka::UnreadableReasonName(*facts.unreadable);
    }
  }
  std::vector<pipeline::Condition> warnings;
  const auto minute = [](EventTime time) { return FormatEventTime(time).substr(0, 16) + " UTC"; };
  for (const pipeline::PartitionStatus& p : *partitions) {
    const std::string name = "Topic " + p.topic + ", partition " + std::to_string(p.partition);
    if (!p.stands_at.empty()) {
      warnings.push_back({Reason::kUnreadable, name + ": the batch at offset " +
                                                   std::to_string(p.next_offset) +
                                                   " can't be read (" + p.stands_at +
                                                   "). It is retried, then skipped."});
    }
    const pipeline::SteppedPast& past = p.stepped_past;
    if (past.batches > 0 && now - past.at < kLossShown) {
      warnings.push_back({Reason::kUnreadable,
                          name + ": " + std::to_string(past.batches) +
                              (past.batches == 1 ? " batch" : " batches") +
                              " since the start can't be read and " +
                              (past.batches == 1 ? "was" : "were") + " skipped, the last at " +
                              minute(past.at) + ", offsets " + std::to_string(past.from) + " to " +
                              std::to_string(past.to - 1) + " (" + past.reason + ")."});
    }
    if (p.made_anew > 0 && now - p.made_anew_at < kLossShown) {
      warnings.push_back({Reason::kMadeAnew, name + " was recreated, seen at " +
                                                 minute(p.made_anew_at) +
                                                 ": it is read from its start."});
    }
  }
  return warnings;
}

}  // namespace signinwatch::serve
