#include "daemon/sinks/dead_letter_topic.h"

#include <string_view>

#include "daemon/sinks/kafka/kafka_sink.h"

namespace signinwatch::sinks {
namespace {

using State = WaitingLetter::InTopic::State;

constexpr std::chrono::milliseconds kSlice{50};
// Every topic takes so much.
constexpr size_t kSizeLeast = 1'024;

kafka::ProducedMessage MessageOf(const std::string& topic, const WaitingLetter& waiting) {
  const json::DeadLetter& letter = waiting.letter;
  const std::string reason(letter.reason);
  kafka::ProducedMessage message;
  message.topic = topic;
  message.value = std::string_view(letter.payload).substr(0, waiting.in_topic->size_max);
  message.headers = {{"__connect.errors.topic", letter.source},
                     {"__connect.errors.partition", std::to_string(letter.partition)},
                     {"__connect.errors.offset", std::to_string(letter.position)},
                     {"__connect.errors.exception.message", reason + ": " + letter.detail},
                     {"signinwatch.reason", reason},
                     {"signinwatch.detail", letter.detail}};
  if (message.value.size() < letter.payload.size()) {
    message.headers.emplace_back("signinwatch.truncated", std::to_string(letter.payload.size()));
  }
  return message;
}

void Note(const absl::Status& status, WaitingLetter::InTopic* in_topic) {
  in_topic->state = status.ok() ? State::kDone : State::kWaiting;
  in_topic->error = status;
}

}  // namespace

void DeadLetterTopic::Produce(const WaitingLetter& letter, clock::SteadyTime deadline) {
  const auto in_topic = letter.in_topic;
  if (in_topic->state != State::kWaiting) return;
  const kafka::ProducedMessage message = MessageOf(topic_, letter);
  const auto done = [in_topic](const absl::Status& status) { Note(status, in_topic.get()); };
  absl::Status status = producer_->Produce(message, done);
  while (absl::IsResourceExhausted(status) && clock_.Steady() < deadline) {
    producer_->Poll(kSlice);
    status = producer_->Produce(message, done);
  }
  in_topic->error = status;
  if (status.ok()) in_topic->state = State::kUnderWay;
}

void DeadLetterTopic::WaitFor(const WaitingLetter& letter, clock::SteadyTime deadline) {
  while (letter.in_topic->state == State::kUnderWay && clock_.Steady() < deadline)
    producer_->Poll(kSlice);
}

// A broker refuses the batch that a message travels in, so it is too large itself only if it is
// refused alone. Then half of it is tried.
void DeadLetterTopic::SendAlone(const WaitingLetter& letter, clock::SteadyTime deadline) {
  WaitingLetter::InTopic& in_topic = *letter.in_topic;
  while (true) {
    Produce(letter, deadline);
    WaitFor(letter, deadline);
    if (in_topic.state == State::kUnderWay || !IsMessageAtFault(in_topic.error)) return;
    if (in_topic.size_max <= kSizeLeast) break;
    in_topic.size_max /= 2;
  }
  // It is not about the size.
  in_topic.size_max = letter.letter.payload.size();
}

absl::Status DeadLetterTopic::Send(const std::deque<WaitingLetter>& letters,
                                   std::chrono::milliseconds timeout) {
  const clock::SteadyTime deadline = clock_.Steady() + timeout;
  for (const WaitingLetter& letter : letters) Produce(letter, deadline);
  for (const WaitingLetter& letter : letters) WaitFor(letter, deadline);
  absl::Status status;
  for (const WaitingLetter& letter : letters) {
    if (IsMessageAtFault(letter.in_topic->error)) SendAlone(letter, deadline);
    if (letter.in_topic->state == State::kUnderWay) {
      status.Update(absl::DeadlineExceededError("dead letters were not acknowledged in time"));
    }
    status.Update(letter.in_topic->error);
  }
  return status;
}

}  // namespace signinwatch::sinks
