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

void Use(const SignalsMessage& message) {
  Detector detector{DetectionConfig()};
  InputWatermarks input{TimeConfig()};
  if (input.Take(message.origin, message.indices) != 0) std::abort();
  if (input.Take(message.origin, message.indices) != message.indices.size()) std::abort();
  std::vector<std::string> said;
  for (const Signal& signal : message.parsed.signals) {
    (void)detector.Apply(signal, message.parsed, signal.event_time);
    said.push_back(Describe(SentForm(signal), message.parsed));
  }
  detector.Finish(kEndOfTime);
  SignalEncoder encoder;
  std::vector<EncodedSignals> again;
  encoder.Encode(
      message.origin, message.broker_time, message.parsed, [](const Signal&) { return true; },
      &again);
  SignalDecoder decoder;
  size_t read = 0;
  for (const EncodedSignals& each : again) {
    if (decoder.Decode(each.value) != Decoded::kSignals) std::abort();
    for (const Signal& signal : decoder.signals().parsed.signals) {
      if (Describe(signal, decoder.signals().parsed) != said[read++]) std::abort();
    }
  }
  if (read != said.size()) std::abort();
}

}  // namespace
}  // namespace signinwatch

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace signinwatch;
  SignalDecoder decoder;
  InputWatermarks input{TimeConfig()};
  switch (decoder.Decode({reinterpret_cast<const char*>(data), size})) {
    case Decoded::kSignals:
      Use(decoder.signals());
      break;
    case Decoded::kWatermarks:
      input.Hear(decoder.watermarks());
      break;
    case Decoded::kSources:
      input.Hear(decoder.sources());
      break;
    case Decoded::kMalformed:
    case Decoded::kNewer:
      break;
  }
  return 0;
}
