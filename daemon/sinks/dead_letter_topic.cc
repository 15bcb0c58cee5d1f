#include "daemon/sinks/dead_letter_topic.h"

#include <algorithm>
#include <string_view>

#include "daemon/sinks/kafka_sink.h"

namespace signinwatch {
namespace {

using State = WaitingLetter::InTopic::State;

constexpr std::chrono::milliseconds kSlice{50};

ProducedMessage MessageOf(const std::string& topic, const WaitingLetter& letter) {
  ProducedMessage message;
  message.topic = topic;
  message.value = std::string_view(letter.payload).substr(0, letter.in_topic->size_max);
  message.headers = {{"__connect.errors.topic", letter.topic},
                     {"__connect.errors.partition", std::to_string(letter.partition)},
                     {"__connect.errors.offset", std::to_string(letter.offset)},
                     {"__connect.errors.exception.message", letter.reason + ": " + letter.detail},
                     {"signinwatch.reason", letter.reason},
                     {"signinwatch.detail", letter.detail}};
  if (message.value.size() < letter.payload.size()) {
    message.headers.emplace_back("signinwatch.truncated", std::to_string(letter.payload.size()));
  }
  return message;
}

// Notes what became of an attempt. A message that is too large is tried again with half of it.
void Note(const absl::Status& status, WaitingLetter::InTopic* in_topic) {
  in_topic->state = status.ok() ? State::kDone : State::kWaiting;
  in_topic->error = status;
  if (IsMessageAtFault(status) && in_topic->size_max > 0) {
    in_topic->size_max /= 2;
    in_topic->error = absl::OkStatus();
  }
}

}  // namespace

absl::Status DeadLetterTopic::Produce(const WaitingLetter& letter) {
  const auto in_topic = letter.in_topic;
  const absl::Status status =
      producer_->Produce(MessageOf(topic_, letter),
                         [in_topic](const absl::Status& done) { Note(done, in_topic.get()); });
  if (status.ok()) {
    in_topic->state = State::kUnderWay;
  } else if (!absl::IsResourceExhausted(status)) {
    Note(status, in_topic.get());
  }
  return status;
}

absl::Status DeadLetterTopic::Send(const std::deque<WaitingLetter>& letters,
                                   std::chrono::milliseconds timeout) {
  const auto deadline = std::chrono::steady_clock::now() + timeout;
  for (const WaitingLetter& letter : letters) letter.in_topic->error = absl::OkStatus();
  while (true) {
    bool all_done = true;
    absl::Status failure;
    for (const WaitingLetter& letter : letters) {
      const WaitingLetter::InTopic& in_topic = *letter.in_topic;
      // What has failed is not tried again before the next call: the caller decides when.
      if (in_topic.state == State::kWaiting && in_topic.error.ok()) {
        if (absl::IsResourceExhausted(Produce(letter))) producer_->Poll(kSlice);
      }
      if (!in_topic.error.ok()) failure = in_topic.error;
      const bool goes_on = in_topic.state != State::kDone && in_topic.error.ok();
      all_done = all_done && !goes_on;
    }
    if (all_done) return failure;
    if (std::chrono::steady_clock::now() >= deadline) {
      return absl::DeadlineExceededError("the broker has not acknowledged dead letters in time");
    }
    producer_->Poll(kSlice);
  }
}

}  // namespace signinwatch
