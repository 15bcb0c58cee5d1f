#include "parser/message_parser.h"

#include <algorithm>

#include "parser/json_walk.h"
#include "parser/record_fields.h"
#include "parser/record_reader.h"
#include "parser/structural_index.h"

namespace signinwatch {
namespace {

constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
constexpr size_t kTooLargeBytesKept = size_t{64} << 10;

// Event Hubs' messages are at most 1 MB; what a larger one needed is given back after it.
constexpr size_t kWarmBytes = size_t{2} << 20;

constexpr const char kCutOff[] = "cut off or broken inside the batch";
constexpr const char kBrokenBehind[] = "broken behind the batch";
constexpr const char kNestedTooDeep[] = "nested deeper than 1024 levels";

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

void ParsedMessage::Clear() {
  text.clear();
  signals.clear();
  audits.clear();
  rejects.clear();
  irrelevant.clear();
  records = 0;
  invalid_utf8 = 0;
}

// One message is taken apart here: what its records are, and what damage does to them.
class MessageParser::Impl {
 public:
  explicit Impl(const ParserOptions& options)
      : message_bytes_max_(std::min(options.message_bytes_max, StructuralIndex::kTextBytesMax)),
        reader_(options.default_tenant, options.max_clock_skew) {}

  void Parse(std::string_view message, EventTime reference_time, ParsedMessage* out) {
    out->Clear();
    out_ = out;
    message_size_ = message.size();
    if (message.size() > message_bytes_max_) {
      return Reject(RejectReason::kTooLarge, "above limits.message_bytes", 0, kTooLargeBytesKept);
    }
    start_ = message.starts_with(kByteOrderMark) ? kByteOrderMark.size() : 0;
    const std::string_view text = message.substr(start_);
    index_.Build(text);
    view_ = JsonView(text, index_);
    out->invalid_utf8 = index_.replacements();
    reader_.Begin(reference_time, out);
    ReadRoot();
    if (message.size() > kWarmBytes) {
      index_.Trim(kWarmBytes);
      reader_.Trim(kWarmBytes);
    }
  }

 private:
  // What has been reached of the root object.
  struct Root {
    FieldSet fields;
    FieldSet properties;
    Field batch = Field::kNone;  // kRecords or kValue once such an array was read
    uint32_t batch_end = 0;      // its closing bracket
    bool too_deep = false;       // something before the batch is
  };

  void ReadRoot() {
    if (view_.count == 0) {
      if (!index_.whole()) RejectAll(RejectReason::kNotJson, "not JSON");
    } else if (view_.At(0) == '{') {
      ReadRootObject();
    } else if (view_.At(0) == '[') {
      const uint32_t next = ReadBatch(0, 1);
      if (!WalkFailed(next) && !IsEnd(next)) RejectBehind(next - 1, kBrokenBehind);
    } else if (!IsEnd(walker_.SkipValue(view_, 0, 1))) {
      RejectAll(RejectReason::kNotJson, "not JSON");
    } else {
      RejectAll(RejectReason::kNotObject, "a bare value");
    }
  }

  [[nodiscard]] bool IsEnd(uint32_t i) const { return i == view_.count && index_.whole(); }

  // An object with a batch in it, or a single record: which of them shows at its end only.
  void ReadRootObject() {
    Root root;
    walker_.SetLevelsMax(kLevelsMax);
    const uint32_t next = WalkRoot(&root);
    walker_.SetLevelsMax(kLevelsMax);
    if (damage_recorded_) return;
    if (root.batch != Field::kNone) {
      if (WalkFailed(next) || !IsEnd(next)) {
        RejectBehind(root.batch_end, next == kTooDeep ? kNestedTooDeep : kBrokenBehind);
      }
      return;
    }
    if (WalkFailed(next) || !IsEnd(next)) return RejectAll(RejectReason::kNotJson, "not JSON");
    if (root.too_deep) return RejectAll(RejectReason::kDamaged, kNestedTooDeep);
    reader_.Read(view_, root.fields, root.properties, OffsetOf(0), SpanOf(0, next));
  }

  // Walks the root object; its batch is read on the way. damage_recorded_ is set where the batch
  // is damaged, and nothing is left to say of what follows.
  uint32_t WalkRoot(Root* root) {
    damage_recorded_ = false;
    uint32_t i = 1;
    if (i < view_.count && view_.At(i) == '}') return i + 1;
    for (;;) {
      if (view_.count - i < 3 || view_.At(i) != '"' || view_.At(i + 1) != ':') return kBroken;
      const Field field = KeyField(view_, i);
      i = WalkRootValue(field, i + 2, root);
      if (WalkFailed(i) || damage_recorded_) return i;
      if (i >= view_.count) return kBroken;
      const char last = view_.At(i++);
      if (last == '}') return i;
      if (last != ',') return kBroken;
    }
  }

  uint32_t WalkRootValue(Field field, uint32_t i, Root* root) {
    const bool counts = field != Field::kNone && root->fields.Set(field, i);
    const char first = view_.At(i);
    if (counts && first == '[' && (field == Field::kRecords || field == Field::kValue)) {
      return WalkRootArray(field, i, root);
    }
    uint32_t next = kBroken;
    if (counts && first == '{' && field == Field::kProperties) {
      next = WalkFields(walker_, view_, i, 2, &root->properties, nullptr);
    } else {
      next = walker_.SkipValue(view_, i, 2);
    }
    if (next != kTooDeep || root->batch != Field::kNone) return next;
    // Too deep is damage, but what is not JSON at all before a batch is worse (SPEC 3.3): look on.
    root->too_deep = true;
    walker_.SetLevelsMax(view_.count);
    return walker_.SkipValue(view_, i, 2);
  }

  // `records` goes before `value`, so what was read of a `value` is taken back.
  uint32_t WalkRootArray(Field field, uint32_t i, Root* root) {
    if (root->batch == Field::kRecords) return walker_.SkipValue(view_, i, 2);
    if (root->too_deep) {
      RejectAll(RejectReason::kDamaged, kNestedTooDeep);
      damage_recorded_ = true;
      return i;
    }
    if (root->batch == Field::kValue) {
      out_->Clear();
      out_->invalid_utf8 = index_.replacements();
      reader_.Restart();
    }
    const uint32_t next = ReadBatch(i, 2);
    if (WalkFailed(next)) {
      damage_recorded_ = true;
      return next;
    }
    root->batch = field;
    root->batch_end = next - 1;
    return next;
  }

  // Reads the records of the array at i and gives the structural behind it; where the array is
  // damaged the rest has been rejected.
  uint32_t ReadBatch(uint32_t i, uint32_t level) {
    if (++i < view_.count && view_.At(i) == ']') return i + 1;
    for (;;) {
      const uint32_t next = ReadElement(i, level + 1);
      if (WalkFailed(next)) {
        RejectBehind(i, next == kTooDeep ? kNestedTooDeep : kCutOff);
        return next;
      }
      i = next;
      if (i < view_.count && view_.At(i) == ']') return i + 1;
      if (i >= view_.count || view_.At(i) != ',') {
        RejectBehind(i, kCutOff);
        return kBroken;
      }
      ++i;
    }
  }

  uint32_t ReadElement(uint32_t i, uint32_t level) {
    if (i >= view_.count) return kBroken;
    if (view_.At(i) == '{') {
      FieldSet fields;
      FieldSet properties;
      const uint32_t next = WalkFields(walker_, view_, i, level, &fields, &properties);
      if (!WalkFailed(next)) {
        reader_.Read(view_, fields, properties, OffsetOf(i), SpanOf(i, next));
      }
      return next;
    }
    const uint32_t next = walker_.SkipValue(view_, i, level);
    if (WalkFailed(next)) return next;
    if (IsCutNumber(i, next)) return kBroken;
    Reject(RejectReason::kNotObject, "not an object", OffsetOf(i), SpanOf(i, next));
    return next;
  }

  // A number that ends where the text does may have had more digits.
  [[nodiscard]] bool IsCutNumber(uint32_t i, uint32_t next) const {
    const char first = view_.At(i);
    if (next < view_.count || !index_.whole() || (first != '-' && (first < '0' || first > '9'))) {
      return false;
    }
    const char last = view_.bytes[view_.size - 1];
    return last != ' ' && last != '\n' && last != '\r' && last != '\t';
  }

  // Where structural i, which may be the one behind the last, stands in the message.
  [[nodiscard]] size_t OffsetOf(uint32_t i) const { return start_ + view_.positions[i]; }

  // The bytes of the value that starts at i, where `next` is the structural behind it.
  [[nodiscard]] size_t SpanOf(uint32_t i, uint32_t next) const {
    const char last = view_.At(next - 1);
    if (last == '}' || last == ']') return view_.positions[next - 1] + 1 - view_.positions[i];
    size_t end = view_.positions[next];
    while (view_.bytes[end - 1] == ' ' || view_.bytes[end - 1] == '\n' ||
           view_.bytes[end - 1] == '\r' || view_.bytes[end - 1] == '\t') {
      --end;
    }
    return end - view_.positions[i];
  }

  void Reject(RejectReason reason, const char* detail, size_t offset, size_t size) {
    ++out_->records;
    out_->rejects.push_back({reason, detail, offset, std::min(size, message_size_ - offset)});
  }
  void RejectAll(RejectReason reason, const char* detail) {
    Reject(reason, detail, 0, message_size_);
  }
  // The rest of the message from structural i on.
  void RejectBehind(uint32_t i, const char* detail) {
    Reject(RejectReason::kDamaged, detail, OffsetOf(i), message_size_);
  }

  size_t message_bytes_max_;
  RecordReader reader_;
  StructuralIndex index_;
  JsonWalker walker_{kLevelsMax};

  // Of the message at hand.
  ParsedMessage* out_ = nullptr;
  JsonView view_;
  size_t message_size_ = 0;
  size_t start_ = 0;  // behind the byte order mark
  bool damage_recorded_ = false;
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
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
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
