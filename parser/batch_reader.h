// From the text of a message to its records (SPEC 3.1): which of the envelopes it has, and what
// damage does to the records in it (SPEC 3.3).
#ifndef SIGNINWATCH_PARSER_BATCH_READER_H_
#define SIGNINWATCH_PARSER_BATCH_READER_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "parser/json_walk.h"
#include "parser/message_parser.h"
#include "parser/record_fields.h"
#include "parser/record_reader.h"
#include "parser/reject_list.h"
#include "parser/structural_index.h"

namespace signinwatch {

// Reject::detail of elements that are no objects.
extern const char kNoObjects[];

[[nodiscard]] std::string_view WithoutByteOrderMark(std::string_view text);

// Keeps its buffers from one message to the next. Not thread-safe.
class BatchReader {
 public:
  // `records` takes the records, and must outlive it. `unwrap`: a record that a shipper wrapped
  // stands for the message in it.
  BatchReader(RecordReader* records, bool unwrap);
  ~BatchReader();

  // Adds what `message` holds to `out`, which `records` has been told of by Begin.
  void Read(std::string_view message, ParsedMessage* out);

  // Gives back buffers that are larger than a text of `bytes` needs.
  void Trim(size_t bytes);

 private:
  // Bytes of the message.
  struct Span {
    size_t offset = 0;
    size_t size = 0;
  };
  // What has been reached of the root object.
  struct Root {
    FieldSet fields;
    FieldSet properties;
    Field batch = Field::kNone;  // kRecords or kValue once such an array was read
    uint32_t batch_end = 0;      // its closing bracket
    bool too_deep = false;       // something before the batch is
  };
  // How much `out` held when a `value` was reached, which a `records` behind it takes back.
  struct Mark {
    size_t text, signals, audits, failures, failing_policies, risks;
    RejectList::Mark rejects;
    std::vector<IrrelevantCount> irrelevant;
    uint64_t records, invalid_utf8;
  };

  void Start(std::string_view message, ParsedMessage* out);
  void ReadRoot();
  void ReadRootObject();
  uint32_t WalkRoot(Root* root);
  uint32_t WalkRootValue(Field field, uint32_t i, Root* root);
  uint32_t WalkRootArray(Field field, uint32_t i, Root* root);
  uint32_t ReadBatch(uint32_t i, uint32_t level);
  uint32_t ReadElement(uint32_t i, uint32_t level);
  void ReadRecord(uint32_t i, uint32_t next, const FieldSet& fields, const FieldSet& properties);

  bool ReadWrapped(const FieldSet& fields, Span element);
  bool ReadWhole(std::string_view message, Span element, ParsedMessage* out);

  [[nodiscard]] bool IsEnd(uint32_t i) const { return i == view_.count && index_.whole(); }
  [[nodiscard]] bool IsCutNumber(uint32_t i, uint32_t next) const;
  // Where structural i, which may be the one behind the last, stands in the message.
  [[nodiscard]] size_t OffsetOf(uint32_t i) const { return start_ + view_.positions[i]; }
  // The bytes of the value at i, where `next` is the structural behind it.
  [[nodiscard]] Span SpanOf(uint32_t i, uint32_t next) const;

  void SetMark();
  void TakeBack();
  void Reject(RejectReason reason, const char* detail, Span span);
  void RejectElement(Span span);
  void RejectAll(RejectReason reason, const char* detail);
  void RejectBehind(uint32_t i, const char* detail);

  RecordReader* const records_;
  StructuralIndex index_;
  JsonWalker walker_{kLevelsMax};
  // For what is wrapped; null: nothing is taken out.
  std::unique_ptr<BatchReader> inner_;
  std::string inner_text_;

  // Of the message at hand.
  ParsedMessage* out_ = nullptr;
  JsonView view_;
  size_t message_size_ = 0;
  size_t start_ = 0;  // behind the byte order mark
  bool wrapped_ = false;
  Span element_;  // if wrapped_: the bytes that stand for all of this message
  bool damage_recorded_ = false;
  bool after_no_object_ = false;  // the last element was none
  Mark mark_;
};

}  // namespace signinwatch

#endif  // SIGNINWATCH_PARSER_BATCH_READER_H_
