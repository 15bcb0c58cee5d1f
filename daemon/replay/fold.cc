#include "daemon/replay/fold.h"

#include <algorithm>

namespace signinwatch::replay {

ReplayFold::ReplayFold(const DetectionConfig& config, size_t files)
    : detector_(config), watermarks_(files, config.time.allowed_lateness) {}

EventTime ReplayFold::Moment() const {
  return std::max(watermarks_.greatest_event_time(), watermarks_.stream_watermark());
}

void ReplayFold::AdvanceWatermark() {
  if (watermarks_.stream_watermark() <= advanced_to_) return;
  advanced_to_ = watermarks_.stream_watermark();
  detector_.AdvanceTo(advanced_to_, Moment());
}

void ReplayFold::Apply(size_t file, const ParsedMessage& message) {
  input_.Add(message);
  for (size_t i = 0; i < message.signals.size(); ++i) {
    const Signal& signal = message.signals[i];
    if (i + Detector::kPrefetchDistance < message.signals.size()) {
      detector_.Prefetch(message.signals[i + Detector::kPrefetchDistance]);
    }
    if (signal.is_risk_event()) {  // the watermark knows none, and no clock
      detector_.Apply(signal, message, Moment());
      continue;
    }
    // A record is late by the watermark as it was before the record moved it.
    detector_.Apply(signal, message, std::max(Moment(), signal.event_time));
    watermarks_.Observe(file, signal.event_time);
    AdvanceWatermark();
  }
}

void ReplayFold::EndFile(size_t file) {
  watermarks_.SetIdle(file);
  AdvanceWatermark();
}

void ReplayFold::Finish() { detector_.Finish(Moment()); }

}  // namespace signinwatch::replay
