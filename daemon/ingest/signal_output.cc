#include "daemon/ingest/signal_output.h"

#include <chrono>
#include <utility>

namespace signinwatch::ingest {

absl::Status SignalOutput::Restart() {
  producer_.reset();
  ++session_;
  in_flight_ = in_flight_bytes_ = 0;
  absl::StatusOr<std::unique_ptr<kafka::KafkaProducer>> made = make_();
  if (!made.ok()) return made.status();
  producer_ = *std::move(made);
  failure_ = absl::OkStatus();
  return absl::OkStatus();
}

void SignalOutput::Send(int32_t partition, std::string_view key, std::string_view value,
                        std::function<void()> acknowledged) {
  if (failed()) return;
  const size_t size = key.size() + value.size();
  const absl::Status taken = producer_->Produce(
      {.topic = topic_, .key = key, .value = value, .headers = {}, .partition = partition},
      [this, size, session = session_,
       acknowledged = std::move(acknowledged)](const absl::Status& status) {
        if (session != session_) return;
        in_flight_bytes_ -= size;
        --in_flight_;
        if (!status.ok()) {
          if (failure_.ok()) failure_ = status;
        } else if (failure_.ok()) {
          acknowledged();
        }
      });
  if (!taken.ok()) {
    failure_ = taken;
    return;
  }
  in_flight_bytes_ += size;
  ++in_flight_;
  ++messages_;
  bytes_ += size;
}

void SignalOutput::Poll() {
  if (producer_ != nullptr) producer_->Poll(std::chrono::milliseconds(0));
}

}  // namespace signinwatch::ingest
