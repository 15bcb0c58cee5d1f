// libFuzzer target: whatever bytes a message of the signal topic is made of, either it is refused,
// or its signals are such that detection can use them, and say the same when they are written and
// read again.
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/signals/input_watermarks.h"
#include "daemon/signals/signal_encoder.h"
#include "daemon/signals/signal_message.h"
#include "detectors/detector.h"
#include "tests/daemon/signals/signal_compare.h"

namespace signinwatch {
namespace {

void Use(const signals::SignalsMessage& message) {
  Detector detector{DetectionConfig()};
  signals::InputWatermarks input{TimeConfig()};
  if (input.Take(message.origin, message.indices) != 0) std::abort();
  if (input.Take(message.origin, message.indices) != message.indices.size()) std::abort();
  std::vector<std::string> said;
  for (const Signal& signal : message.parsed.signals) {
    (void)detector.Apply(signal, message.parsed, signal.event_time);
    said.push_back(signals::Describe(signals::SentForm(signal), message.parsed));
  }
  detector.Finish(kEndOfTime);
  signals::SignalEncoder encoder;
  std::vector<signals::EncodedSignals> again;
  encoder.Encode(
      message.origin, message.broker_time, message.parsed, [](const Signal&) { return true; },
      &again);
  signals::SignalDecoder decoder;
  size_t read = 0;
  for (const signals::EncodedSignals& each : again) {
    if (decoder.Decode(each.value) != signals::Decoded::kSignals) std::abort();
    for (const Signal& signal : decoder.signals().parsed.signals) {
      if (signals::Describe(signal, decoder.signals().parsed) != said[read++]) std::abort();
    }
  }
  if (read != said.size()) std::abort();
}

}  // namespace
}  // namespace signinwatch

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace signinwatch;
  signals::SignalDecoder decoder;
  signals::InputWatermarks input{TimeConfig()};
  switch (decoder.Decode({reinterpret_cast<const char*>(data), size})) {
    case signals::Decoded::kSignals:
      Use(decoder.signals());
      break;
    case signals::Decoded::kWatermarks:
      input.Hear(decoder.watermarks());
      break;
    case signals::Decoded::kSources:
      input.Hear(decoder.sources());
      break;
    case signals::Decoded::kMalformed:
    case signals::Decoded::kNewer:
      break;
  }
  return 0;
}
