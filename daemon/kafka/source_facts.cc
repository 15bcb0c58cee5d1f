// What the client's statistics say.
#include <algorithm>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "daemon/kafka/kafka_source_impl.h"
#include "daemon/log/log.h"

namespace signinwatch::kafka {
namespace {

using std::chrono::milliseconds;

// A partition is told to be unreachable after so many statistics, a second apart, in a row: a
// connection that is lost for a moment says nothing.
constexpr int kUnansweredMax = 2;
constexpr milliseconds kRebalanceSettled{1'000};
// The ends of paused partitions: how often they are asked, and how long that may hold up reading.
constexpr milliseconds kAskPausedEvery{5'000};
constexpr milliseconds kAskPausedTimeout{500};

}  // namespace

int KafkaSource::OnStatistics(rd_kafka_t* /*client*/, char* json, size_t size, void* opaque) {
  if (const auto statistics = ParseStatistics({json, size}); statistics.has_value()) {
    Self(opaque)->UseStatistics(*statistics);
  }
  return 0;  // the client frees the text
}

void KafkaSource::UseStatistics(const Statistics& statistics) {
  if (statistics.group_steady) Move(MembershipInput::kAssignment);
  brokers_.Update(statistics);
  const bool all_answer = WatchPartitions(statistics);
  if (all_answer && statistics.group_steady) context_->ForgetOldError();
  CountElsewhere(statistics);
  const bool part_of_cluster =
      std::any_of(statistics.brokers.begin(), statistics.brokers.end(),
                  [](const Statistics::Broker& broker) { return broker.id >= 0; });
  const std::lock_guard lock(facts_mutex_);
  facts_.brokers.clear();
  for (const Statistics::Broker& broker : statistics.brokers) {
    if (part_of_cluster && broker.id < 0) continue;  // only where to ask for the others
    facts_.brokers.push_back({.name = broker.name,
                              .up = broker.up,
                              .throttle_seconds = broker.throttle_seconds,
                              .received_bytes = broker.received_bytes});
  }
  facts_.partitions.clear();
  for (SourcePartition& p : partitions_) {
    int64_t start = kUnknownOffset, end = kUnknownOffset;
    rd_kafka_get_watermark_offsets(client_, p.topic.c_str(), p.id, &start, &end);
    facts_.partitions.push_back(
        {.topic = p.topic,
         .partition = p.id,
         .slot = p.slot,
         .assigned = p.assigned(),
         .log_start_offset = std::max(start, kUnknownOffset),
         .log_end_offset = std::max({end, p.paused ? p.paused_end : end, kUnknownOffset}),
         .unreadable =
             p.unreadable() != nullptr ? std::optional(p.unreadable()->reason()) : std::nullopt});
  }
}

void KafkaSource::AskPausedEnds() {
  const auto now = clock_.Steady();
  if (now - paused_asked_at_ < kAskPausedEvery) return;
  const PartitionListHandle list(rd_kafka_topic_partition_list_new(0));
  for (const SourcePartition& p : partitions_) {
    if (!p.assigned() || !p.paused || IsUnreachable(p.state)) continue;
    rd_kafka_topic_partition_list_add(list.get(), p.topic.c_str(), p.id)->offset =
        RD_KAFKA_OFFSET_END;
  }
  paused_asked_at_ = now;
  if (list->cnt == 0) return;
  (void)rd_kafka_offsets_for_times(client_, list.get(), ClientMilliseconds(kAskPausedTimeout));
  for (const auto& element : std::span(list->elems, static_cast<size_t>(list->cnt))) {
    SourcePartition* p = partitions_.Find(element.topic, element.partition);
    if (element.err == RD_KAFKA_RESP_ERR_NO_ERROR && element.offset >= 0) {
      p->paused_end = element.offset;
    }
  }
}

bool KafkaSource::WatchPartitions(const Statistics& statistics) {
  std::map<std::pair<std::string_view, int32_t>, int32_t> broker_of;
  for (const auto& [topic, partitions] : statistics.topics) {
    for (const auto& partition : partitions) broker_of[{topic, partition.id}] = partition.broker;
  }
  const bool throttled =
      std::any_of(statistics.brokers.begin(), statistics.brokers.end(),
                  [](const Statistics::Broker& broker) { return broker.throttle_seconds > 0; });
  bool all_answer = true;
  for (SourcePartition& p : partitions_) {
    if (!p.assigned() || p.paused) continue;
    WatchSilence(p, throttled);
    const auto broker = broker_of.find({p.topic, p.id});
    const bool answers = broker != broker_of.end() && brokers_.IsReachable(broker->second);
    all_answer = all_answer && answers;
    p.unanswered = answers ? 0 : p.unanswered + 1;
    if (p.unanswered < kUnansweredMax) continue;
    if (!IsUnreachable(p.state)) {
      log::Log(config::LogLevel::kWarning, "partition is out of reach",
               {{"topic", p.topic}, {"partition", p.id}});
    }
    Move(p, PartitionInput::kNoAnswer);
  }
  ran_dry_ = false;
  return all_answer;
}

void KafkaSource::CountElsewhere(const Statistics& statistics) {
  uint32_t all = 0, assigned = 0;
  std::string missing;
  for (const std::string& topic : options_.config.topics) {
    const auto found = statistics.topics.find(topic);
    const size_t partitions = found == statistics.topics.end() ? 0 : found->second.size();
    if (partitions == 0 && missing.empty()) missing = topic;
    if (membership_ == Membership::kMember) NoteExisting(topic, static_cast<int32_t>(partitions));
    all += static_cast<uint32_t>(partitions);
  }
  for (const SourcePartition& p : partitions_) assigned += p.ours() ? 1 : 0;
  const bool settled =
      statistics.group_steady && clock_.Steady() - rebalanced_at_ >= kRebalanceSettled;
  const std::lock_guard lock(facts_mutex_);
  missing_topic_ = settled ? missing : "";
  if (settled) facts_.partitions_elsewhere = all > assigned ? all - assigned : 0;
}

SourceFacts KafkaSource::facts() const {
  const std::lock_guard lock(facts_mutex_);
  SourceFacts facts = facts_;
  // Counts first: what is counted has been noted.
  facts.errors = context_->errors();
  facts.token_refreshes = context_->token_refreshes();
  facts.token_failures = context_->token_failures();
  facts.last_error = context_->last_error();
  if (facts.last_error.empty() && !missing_topic_.empty()) {
    facts.last_error = absl::StrCat("topic ", missing_topic_, " does not exist, or not yet");
  }
  return facts;
}

}  // namespace signinwatch::kafka
