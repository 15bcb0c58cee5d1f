#include "parser/message_parser.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "parser/ascii.h"
#include "parser/batch_reader.h"
#include "parser/json_walk.h"
#include "parser/record_reader.h"
#include "parser/structural_index.h"

namespace signinwatch {
namespace {

constexpr size_t kTooLargeBytesKept = size_t{64} << 10;

// Event Hubs' messages are at most 1 MB; what a larger one needed is given back after it.
constexpr size_t kWarmBytes = size_t{2} << 20;

}  // namespace

const char* RejectReasonName(RejectReason reason) {
  switch (reason) {
    case RejectReason::kTooLarge:
      return "too_large";
    case RejectReason::kNotJson:
      return "not_json";
    case RejectReason::kDamaged:
      return "damaged";
    case RejectReason::kNotObject:
      return "not_object";
    case RejectReason::kNoTenant:
      return "no_tenant";
    case RejectReason::kNoTime:
      return "no_time";
    case RejectReason::kNoCode:
      return "no_code";
    case RejectReason::kFuture:
      return "future";
  }
  return "";
}

std::string RejectDetail(const Reject& reject) {
  if (reject.detail != kNoObjects) {
    const std::string detail = reject.detail;
    return reject.records == 1 ? detail
                               : detail + ", " + std::to_string(reject.records) + " records";
  }
  return std::to_string(reject.records) + (reject.records == 1 ? " element that is not an object"
                                                               : " elements that are not objects");
}

uint64_t ParsedMessage::rejected() const {
  return std::accumulate(rejects.begin(), rejects.end(), uint64_t{0},
                         [](uint64_t sum, const Reject& reject) { return sum + reject.records; });
}

void ParsedMessage::Clear() {
  text.clear();
  signals.clear();
  audits.clear();
  failures.clear();
  failing_policies.clear();
  risks.clear();
  rejects.clear();
  irrelevant.clear();
  records = 0;
  invalid_utf8 = 0;
}

class MessageParser::Impl {
 public:
  explicit Impl(const ParserOptions& options)
      : message_bytes_max_(std::min(options.message_bytes_max, StructuralIndex::kTextBytesMax)),
        records_(options.default_tenant, options.max_clock_skew, options.detailed_codes),
        batches_(&records_, options.unwrap) {}

  void Parse(std::string_view message, EventTime reference_time, ParsedMessage* out) {
    out->Clear();
    if (message.size() > message_bytes_max_) {
      out->records = 1;
      out->rejects.push_back({RejectReason::kTooLarge, "above limits.message_bytes", 0,
                              std::min(message.size(), kTooLargeBytesKept)});
      return;
    }
    records_.Begin(reference_time, message.size(), out);
    batches_.Read(message, out);
    if (message.size() > kWarmBytes) {
      batches_.Trim(kWarmBytes);
      records_.Trim(kWarmBytes);
    }
  }

 private:
  size_t message_bytes_max_;
  RecordReader records_;
  BatchReader batches_;
};

MessageParser::MessageParser(const ParserOptions& options)
    : impl_(std::make_unique<Impl>(options)) {}
MessageParser::~MessageParser() = default;
MessageParser::MessageParser(MessageParser&&) noexcept = default;
MessageParser& MessageParser::operator=(MessageParser&&) noexcept = default;

void MessageParser::Parse(std::string_view message, EventTime reference_time, ParsedMessage* out) {
  impl_->Parse(message, reference_time, out);
}

JsonShape ClassifyJson(std::string_view text) {
  text = WithoutByteOrderMark(text);
  if (text.size() > StructuralIndex::kTextBytesMax) return JsonShape::kNotJson;
  StructuralIndex index;
  index.Build(text);
  const JsonView view(text, index);
  if (view.count == 0 || !index.whole()) return JsonShape::kNotJson;
  JsonWalker walker(view.count);
  if (walker.SkipValue(view, 0, 1) != view.count) return JsonShape::kNotJson;
  if (view.At(0) == '{') return JsonShape::kObject;
  return view.At(0) == '[' ? JsonShape::kArray : JsonShape::kScalar;
}

}  // namespace signinwatch
