#include "daemon/feed/kafka_feed.h"

#include <algorithm>
#include <utility>

namespace signinwatch::feed {
namespace {

constexpr std::chrono::milliseconds kPollMax{100};

}  // namespace

KafkaFeed::KafkaFeed(KafkaFeedOptions options, kafka::KafkaProducer* producer)
    : options_(std::move(options)),
      producer_(producer),
      pacer_(options_.pace, options_.start, options_.now()) {}

bool KafkaFeed::ended() const {
  return !error_.empty() || (options_.stop != nullptr && options_.stop->load());
}

void KafkaFeed::NoteResult(const absl::Status& status) {
  if (status.ok() || !error_.empty()) return;
  error_ = options_.topic + ": " + std::string(status.message());
}

// Waiting is polling: deliveries are heard of meanwhile.
bool KafkaFeed::WaitUntil(EventTime due) {
  while (!ended()) {
    const EventTime now = options_.now();
    if (now >= due) return true;
    producer_->Poll(std::min(kPollMax, std::chrono::ceil<std::chrono::milliseconds>(due - now)));
  }
  return false;
}

bool KafkaFeed::Send(std::string_view message, uint32_t partition, EventTime exported_at) {
  if (!WaitUntil(pacer_.NextDue(exported_at))) return false;
  kafka::ProducedMessage produced;
  produced.topic = options_.topic;
  produced.value = message;
  if (options_.keep_partitions) produced.partition = static_cast<int32_t>(partition);
  while (!ended()) {
    const absl::Status status =
        producer_->Produce(produced, [this](const absl::Status& result) { NoteResult(result); });
    if (status.ok()) {
      bytes_ += message.size();
      producer_->Poll(std::chrono::milliseconds(0));
      return !ended();
    }
    if (absl::IsResourceExhausted(status)) {
      producer_->Poll(kPollMax);
    } else {
      NoteResult(status);
    }
  }
  return false;
}

void KafkaFeed::Close() { NoteResult(producer_->Flush(options_.flush_timeout)); }

}  // namespace signinwatch::feed
