#include "parser/batch_reader.h"

#include <algorithm>

#include "parser/ascii.h"
#include "parser/json_escape.h"

namespace signinwatch {
namespace {

constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

constexpr const char kCutOff[] = "cut off or broken inside the batch";
constexpr const char kBrokenBehind[] = "broken behind the batch";
constexpr const char kNestedTooDeep[] = "nested deeper than 1024 levels";

// Whether a record with these fields may be a shipper's: it has none of what a record of ours has.
bool MayBeWrapped(const FieldSet& fields) {
  constexpr Field kOurs[] = {Field::kProperties,       Field::kTime,
                             Field::kCategory,         Field::kCreatedDateTime,
                             Field::kActivityDateTime, Field::kTimeGenerated};
  return std::all_of(std::begin(kOurs), std::end(kOurs),
                     [&fields](Field field) { return fields[field] == 0; });
}

}  // namespace

const char kNoObjects[] = "elements that are not objects";

std::string_view WithoutByteOrderMark(std::string_view text) {
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  return text;
}

BatchReader::BatchReader(RecordReader* records, bool unwrap)
    : records_(records), inner_(unwrap ? std::make_unique<BatchReader>(records, false) : nullptr) {}

BatchReader::~BatchReader() = default;

void BatchReader::Trim(size_t bytes) {
  index_.Trim(bytes);
  if (inner_ == nullptr) return;
  inner_->Trim(bytes);
  if (inner_text_.capacity() > bytes) std::string().swap(inner_text_);
}

void BatchReader::Start(std::string_view message, ParsedMessage* out) {
  out_ = out;
  message_size_ = message.size();
  const std::string_view text = WithoutByteOrderMark(message);
  start_ = message.size() - text.size();
  damage_recorded_ = after_no_object_ = false;
  index_.Build(text);
  view_ = JsonView(text, index_);
}

void BatchReader::Read(std::string_view message, ParsedMessage* out) {
  Start(message, out);
  out->invalid_utf8 += index_.repairs();
  ReadRoot();
}

void BatchReader::ReadRoot() {
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

// An object with a batch in it, or a single record: which of them shows at its end only.
void BatchReader::ReadRootObject() {
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
  ReadRecord(0, next, root.fields, root.properties);
}

// Walks the root object; its batch is read on the way. damage_recorded_ is set where the batch is
// damaged, and nothing is left to say of what follows.
uint32_t BatchReader::WalkRoot(Root* root) {
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

uint32_t BatchReader::WalkRootValue(Field field, uint32_t i, Root* root) {
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
uint32_t BatchReader::WalkRootArray(Field field, uint32_t i, Root* root) {
  if (root->batch == Field::kRecords) return walker_.SkipValue(view_, i, 2);
  if (root->too_deep) {
    RejectAll(RejectReason::kDamaged, kNestedTooDeep);
    damage_recorded_ = true;
    return i;
  }
  if (field == Field::kValue) SetMark();
  if (root->batch == Field::kValue) TakeBack();
  const uint32_t next = ReadBatch(i, 2);
  if (WalkFailed(next)) {
    damage_recorded_ = true;
    return next;
  }
  root->batch = field;
  root->batch_end = next - 1;
  return next;
}

void BatchReader::SetMark() {
  mark_ = {.text = out_->text.size(),
           .signals = out_->signals.size(),
           .audits = out_->audits.size(),
           .failures = out_->failures.size(),
           .failing_policies = out_->failing_policies.size(),
           .risks = out_->risks.size(),
           .rejects = records_->rejects().Now(),
           .irrelevant = out_->irrelevant,
           .records = out_->records,
           .invalid_utf8 = out_->invalid_utf8};
}

void BatchReader::TakeBack() {
  out_->text.resize(mark_.text);
  out_->signals.resize(mark_.signals);
  out_->audits.resize(mark_.audits);
  out_->failures.resize(mark_.failures);
  out_->failing_policies.resize(mark_.failing_policies);
  out_->risks.resize(mark_.risks);
  records_->rejects().TakeBack(mark_.rejects);
  out_->irrelevant = mark_.irrelevant;
  out_->records = mark_.records;
  out_->invalid_utf8 = mark_.invalid_utf8;
  after_no_object_ = false;
  records_->Restart();
}

// Reads the records of the array at i and gives the structural behind it; where the array is
// damaged the rest has been rejected.
uint32_t BatchReader::ReadBatch(uint32_t i, uint32_t level) {
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

uint32_t BatchReader::ReadElement(uint32_t i, uint32_t level) {
  if (i >= view_.count) return kBroken;
  if (view_.At(i) == '{') {
    FieldSet fields;
    FieldSet properties;
    const uint32_t next = WalkFields(walker_, view_, i, level, &fields, &properties);
    if (!WalkFailed(next)) {
      after_no_object_ = false;
      ReadRecord(i, next, fields, properties);
    }
    return next;
  }
  const uint32_t next = walker_.SkipValue(view_, i, level);
  if (WalkFailed(next)) return next;
  if (IsCutNumber(i, next)) return kBroken;
  RejectElement(SpanOf(i, next));
  return next;
}

void BatchReader::ReadRecord(uint32_t i, uint32_t next, const FieldSet& fields,
                             const FieldSet& properties) {
  const Span span = wrapped_ ? element_ : SpanOf(i, next);
  if (inner_ != nullptr && ReadWrapped(fields, span)) return;
  records_->Read(view_, i, fields, properties, span.offset, span.size);
}

// The record as a shipper's, which stands for the message in it. false: it is none.
bool BatchReader::ReadWrapped(const FieldSet& fields, Span element) {
  if (!MayBeWrapped(fields)) return false;
  uint32_t text = fields[Field::kMessage];
  if (text == 0) {
    const uint32_t event = fields[Field::kEvent];
    if (event != 0 && view_.At(event) == '{') text = FindMember(view_, event, "original");
  }
  if (text == 0 || view_.At(text) != '"') return false;
  inner_text_.clear();
  AppendUnescaped(view_.RawString(text), view_.has_invalid_utf8, &inner_text_);
  return inner_->ReadWhole(inner_text_, element, out_);
}

// The message if it is a whole object or array; each of its records has the bytes of `element`.
bool BatchReader::ReadWhole(std::string_view message, Span element, ParsedMessage* out) {
  if (message.size() > StructuralIndex::kTextBytesMax) return false;
  Start(message, out);
  if (view_.count == 0 || (view_.At(0) != '{' && view_.At(0) != '[')) return false;
  walker_.SetLevelsMax(view_.count);
  const bool whole = IsEnd(walker_.SkipValue(view_, 0, 1));
  walker_.SetLevelsMax(kLevelsMax);
  if (!whole) return false;
  wrapped_ = true;
  element_ = element;
  out->invalid_utf8 += index_.repairs();
  ReadRoot();
  return true;
}

// A number that ends where the text does may have had more digits.
bool BatchReader::IsCutNumber(uint32_t i, uint32_t next) const {
  const char first = view_.At(i);
  if (next < view_.count || !index_.whole() || (first != '-' && (first < '0' || first > '9'))) {
    return false;
  }
  return !IsBlank(view_.bytes[view_.size - 1]);
}

BatchReader::Span BatchReader::SpanOf(uint32_t i, uint32_t next) const {
  const char last = view_.At(next - 1);
  size_t end = view_.positions[next];
  if (last == '}' || last == ']') {
    end = view_.positions[next - 1] + size_t{1};
  } else {
    while (IsBlank(view_.bytes[end - 1])) --end;
  }
  return {OffsetOf(i), end - view_.positions[i]};
}

void BatchReader::Reject(RejectReason reason, const char* detail, Span span) {
  if (wrapped_) span = element_;
  ++out_->records;
  records_->rejects().Add(reason, detail, span.offset, span.size);
}

// Elements that follow on each other share one dead letter: there may be millions.
void BatchReader::RejectElement(Span span) {
  if (!after_no_object_) {
    after_no_object_ = true;
    return Reject(RejectReason::kNotObject, kNoObjects, span);
  }
  if (wrapped_) span = element_;
  ++out_->records;
  records_->rejects().Join(RejectReason::kNotObject, span.offset, span.size);
}

void BatchReader::RejectAll(RejectReason reason, const char* detail) {
  Reject(reason, detail, {0, message_size_});
}

// The rest of the message from structural i on.
void BatchReader::RejectBehind(uint32_t i, const char* detail) {
  Reject(RejectReason::kDamaged, detail, {OffsetOf(i), message_size_ - OffsetOf(i)});
}

}  // namespace signinwatch
