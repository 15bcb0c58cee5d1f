// From a record whose JSON is sound to a signal, an irrelevant record or a rejected one
// (SPEC 3.2, 3.3).
#ifndef SIGNINWATCH_PARSER_RECORD_READER_H_
#define SIGNINWATCH_PARSER_RECORD_READER_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "parser/json_walk.h"
#include "parser/message_parser.h"
#include "parser/record_fields.h"
#include "parser/reject_list.h"
#include "parser/structural_index.h"

namespace signinwatch {

// A container deeper than this is damage (SPEC 3.3).
inline constexpr uint32_t kLevelsMax = 1024;

// Keeps its buffers from one message to the next. Not thread-safe.
class RecordReader {
 public:
  RecordReader(std::string default_tenant, Duration max_clock_skew,
               std::vector<int64_t> detailed_codes)
      : default_tenant_(std::move(default_tenant)),
        max_clock_skew_(max_clock_skew),
        detailed_codes_(std::move(detailed_codes)) {}

  // Starts a message of this size; what is read goes to `out`, which must outlive it.
  void Begin(EventTime reference_time, size_t message_bytes, ParsedMessage* out);
  // Of the message.
  [[nodiscard]] RejectList& rejects() { return rejects_; }

  // Forgets what was kept of the message's records, whose text the caller has cleared.
  void Restart() { tenant_ = {}; }

  // Reads one record: the valid object at structural `object`, its fields and those of its member
  // `properties`, if that is an object. `offset` and `size` are its bytes in the message, for a
  // reject. Counts the record.
  void Read(const JsonView& view, uint32_t object, const FieldSet& fields,
            const FieldSet& properties, size_t offset, size_t size);

  // Gives back buffers that are larger than a text of `bytes` needs.
  void Trim(size_t bytes);

 private:
  // Where the values of the record at hand are.
  struct Record {
    JsonView view;
    uint32_t object = 0;  // its structural
    FieldSet fields;
    JsonView properties_view;  // of `properties`: another text if that is JSON in a string
    FieldSet properties;
    bool names_tenant = true;  // Graph's records do not
    bool row = false;          // of a Log Analytics workspace
  };
  // A value: a structural of one of the views. Absent when it has no view.
  struct Value {
    const JsonView* view = nullptr;
    uint32_t i = 0;
    [[nodiscard]] bool present() const { return view != nullptr; }
    [[nodiscard]] char first() const { return view->At(i); }
    [[nodiscard]] bool IsText() const { return present() && first() == '"'; }
    [[nodiscard]] bool IsObject() const { return present() && first() == '{'; }
    [[nodiscard]] bool IsArray() const { return present() && first() == '['; }
    [[nodiscard]] Value Member(std::string_view name) const {
      return IsObject() ? At(*view, FindMember(*view, i, name)) : Value{};
    }
    // What a FieldSet or FindMember has found, 0 being nothing.
    [[nodiscard]] static Value At(const JsonView& view, uint32_t i) {
      return {i == 0 ? nullptr : &view, i};
    }
    // Of what may be an object: its member, and the structural behind it, in one walk.
    [[nodiscard]] std::pair<Value, uint32_t> MemberAndBehind(std::string_view name) const {
      if (!IsObject()) return {Value{}, NextValue(*view, i)};
      const MemberAndEnd found = FindMemberAndEnd(*view, i, name);
      return {At(*view, found.value), found.end};
    }
    // Calls visit(element) for those of an array. It gives the structural behind the element, or 0,
    // and then is not called again.
    template <typename Visit>
    void VisitElements(Visit visit) const;
  };

  [[nodiscard]] bool Has(Field field) const { return record_.fields[field] != 0; }
  [[nodiscard]] Value Own(Field field) const {
    return Value::At(record_.view, record_.fields[field]);
  }
  [[nodiscard]] Value Property(Field field) const {
    return Value::At(record_.properties_view, record_.properties[field]);
  }
  // The same of an object or array, which in a row may be a JSON text. Valid until the next call.
  [[nodiscard]] Value Container(Field field);

  // Text of a value, empty if it is none. Valid until the next call, or as long as the message.
  std::string_view Text(Value value);
  // The same, empty also if it is the zero GUID.
  std::string_view IdText(Value value);
  std::optional<EventTime> Time(Value value);
  TextRef Keep(std::string_view text);    // what is shown only
  TextRef KeepId(std::string_view text);  // what identifies something
  TextRef KeepLowerId(std::string_view text);
  TextRef KeepName(std::string_view text);  // compared without case, shown as written
  TextRef KeepWhole(std::string_view text);
  std::string_view Kept(TextRef ref) const { return out_->Text(ref); }

  // JSON in the string `value`: whether it is a whole value, nested no deeper than may be. Then
  // inner_ is a view of it, and `fields`, if not null, has those of the object that it is.
  bool Unpack(Value value, FieldSet* fields);
  void UnpackProperties();
  // The record's category; nullopt: irrelevant, and counted.
  std::optional<Category> Classify();
  std::optional<Category> ClassifyGraphSignIn();
  std::optional<Category> ClassifyRow();
  void UseAsGraph();
  std::optional<Category> Irrelevant(std::string_view category);
  void CountIrrelevant(std::string_view category);
  // Where the event's own time stands.
  static Field TimeField(Category category);

  bool FindTenant(Signal* signal);
  bool UseTenant(std::string_view text, Signal* signal);
  bool FindCode(Signal* signal);
  bool SetUser(Value id, Value name, Signal* signal);
  std::string_view Country();
  void ReadSignIn(Signal* signal);
  void ReadHome(Signal* signal);
  TextRef KeepMfaMethod();
  [[nodiscard]] bool IsDetailed(int64_t code) const;
  void ReadFailure(Signal* signal);
  ConditionalAccessStatus ConditionalAccess();
  void ReadFailingPolicies(FailureDetail* detail);
  void ReadRisk(Signal* signal);
  void ReadAudit(Signal* signal);
  void ReadTargets(Signal* signal, AuditDetail* detail);
  void ReadActor(AuditDetail* detail);
  bool IsAuditSuccess();
  TextRef KeepOperation();

  std::string default_tenant_;
  Duration max_clock_skew_;
  std::vector<int64_t> detailed_codes_;  // sorted
  EventTime latest_{};                   // of a record that is not `future`
  ParsedMessage* out_ = nullptr;
  RejectList rejects_;
  Record record_;

  std::string scratch_;  // of Text
  StructuralIndex inner_index_;
  std::string inner_text_;  // JSON that came as a string
  JsonView inner_;
  JsonWalker inner_walker_{kLevelsMax};

  // The last tenant of the message: nearly always the next record's too.
  std::string tenant_written_;
  TenantId tenant_;
  TextRef tenant_text_;
};

}  // namespace signinwatch

#endif  // SIGNINWATCH_PARSER_RECORD_READER_H_
