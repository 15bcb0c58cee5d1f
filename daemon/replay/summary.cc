#include "daemon/replay/summary.h"

#include <cstdio>
#include <string_view>

#include "daemon/json/json_string.h"
#include "daemon/replay/progress.h"

namespace signinwatch::replay {
namespace {

// One JSON object, field by field.
class JsonObject {
 public:
  void Add(std::string_view key, std::string_view json) {
    text_ += text_.size() > 1 ? "," : "";
    json::AppendJsonString(key, &text_);
    text_.append(":").append(json);
  }
  void Add(std::string_view key, uint64_t value) { Add(key, std::to_string(value)); }
  [[nodiscard]] bool empty() const { return text_.size() == 1; }
  [[nodiscard]] std::string Text() const { return text_ + "}"; }

 private:
  std::string text_ = "{";
};

// "1 ticket", "2 tickets".
std::string Quantity(uint64_t count, const std::string& noun) {
  return std::to_string(count) + " " + noun + (count == 1 ? "" : "s");
}

JsonObject RejectedByReason(const InputCounts& input) {
  JsonObject object;
  for (int i = 0; i < kRejectReasonCount; ++i) {
    if (input.rejected[i] == 0) continue;
    object.Add(RejectReasonName(static_cast<RejectReason>(i)), input.rejected[i]);
  }
  return object;
}

std::string RejectedWords(const InputCounts& input) {
  std::string text;
  for (int i = 0; i < kRejectReasonCount; ++i) {
    if (input.rejected[i] == 0) continue;
    text += text.empty() ? " (" : ", ";
    text += std::to_string(input.rejected[i]) + " ";
    text += RejectReasonName(static_cast<RejectReason>(i));
  }
  return text.empty() ? text : text + ")";
}

}  // namespace

std::string SummaryJson(const ReplaySummary& summary) {
  const InputCounts& input = summary.input;
  char seconds[32];
  std::snprintf(seconds, sizeof(seconds), "%.6f", summary.seconds);
  JsonObject object;
  object.Add("records", input.records);
  object.Add("accepted", input.accepted);
  object.Add("irrelevant", input.irrelevant);
  object.Add("rejected", RejectedByReason(input).Text());
  object.Add("duplicates", summary.detection.duplicates);
  object.Add("late", summary.detection.late);
  object.Add("late_dropped", summary.detection.late_dropped);
  object.Add("bursts", summary.bursts);
  object.Add("tickets", summary.tickets);
  object.Add("bytes", summary.bytes);
  object.Add("seconds", seconds);
  JsonObject categories;
  for (const auto& [key, count] : input.irrelevant_by_category) {
    categories.Add(count.name, count.records);
  }
  if (!categories.empty()) object.Add("irrelevant_by_category", categories.Text());
  if (input.invalid_utf8 != 0) object.Add("invalid_utf8", input.invalid_utf8);
  JsonObject evictions;
  for (int i = 0; i < kEvictionCount; ++i) {
    const uint64_t count = summary.detection.evictions[i];
    if (count != 0) evictions.Add(EvictionName(static_cast<Eviction>(i)), count);
  }
  if (!evictions.empty()) object.Add("evictions", evictions.Text());
  return object.Text();
}

std::string SummaryText(const ReplaySummary& summary) {
  const InputCounts& input = summary.input;
  char seconds[32];
  std::snprintf(seconds, sizeof(seconds), "%.1f s", summary.seconds);
  return Quantity(summary.tickets, "ticket") + " of " + Quantity(summary.bursts, "burst") + ". " +
         Quantity(input.records, "record") + " in " + Quantity(summary.files, "file") + ": " +
         std::to_string(input.accepted) + " accepted, " + std::to_string(input.irrelevant) +
         " irrelevant, " + std::to_string(input.rejected_total()) + " rejected" +
         RejectedWords(input) + "; " + Quantity(summary.detection.duplicates, "duplicate") + ", " +
         std::to_string(summary.detection.late) + " late. " +
         FormatBytes(static_cast<double>(summary.bytes)) + " in " + seconds + ".";
}

std::string EvictionWarning(const DetectorCounters& detection) {
  std::string text;
  for (int i = 0; i < kEvictionCount; ++i) {
    if (detection.evictions[i] == 0) continue;
    text +=
        text.empty() ? "limits were reached, so tickets may differ from an exact answer: " : ", ";
    text += std::string(EvictionName(static_cast<Eviction>(i))) + " (" +
            std::to_string(detection.evictions[i]) + " times)";
  }
  return text;
}

}  // namespace signinwatch::replay
