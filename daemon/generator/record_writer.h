// Records as Entra's export writes them: every field of today's records, in the order of the raw
// export. Field names, their types and their oddities follow public samples: `time` later than
// `createdDateTime`, `durationMs` as number, month/day times and `level` in the AD FS and service
// principal categories, a null `userId` of managed identities, JSON inside strings.
#ifndef SIGNINWATCH_DAEMON_GENERATOR_RECORD_WRITER_H_
#define SIGNINWATCH_DAEMON_GENERATOR_RECORD_WRITER_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/generator/random.h"
#include "daemon/generator/record.h"
#include "daemon/generator/text_template.h"

namespace signinwatch::generator {

[[nodiscard]] std::string FormatGuid(const Guid& guid);
// A random (version 4) GUID.
[[nodiscard]] Guid NextGuid(Random& random);

// Not thread-safe: it keeps its buffers.
class RecordWriter {
 public:
  // `policy_sets`: how many different sets of Conditional Access policies there are.
  RecordWriter(uint64_t seed, uint32_t policy_sets);

  // Appends the record as one JSON object without a line's end.
  void Write(const Record& record, std::string* out);

 private:
  void FillSignIn(const Record& record, Random& random);
  void FillPerson(const Record& record);
  void FillSource(const Source& source);
  void FillVerdict(const Record& record, Random& random);
  void FillMfa(const Record& record);
  void FillAudit(const Record& record);
  void FillTargets(const Record& record);
  // Copies `text` to where it stays until the next record.
  std::string_view Keep(std::string_view text);
  std::string_view Keep(const Guid& guid);
  std::string_view KeepTime(char* (*write)(Ticks, char*), Ticks t);
  std::string_view KeepToken(Random& random);

  std::vector<TextTemplate> templates_;  // by RecordKind
  std::vector<std::string> policies_;    // by policy set, then by what they said
  std::vector<std::string> blocking_;    // by policy set: the name of the one that says no
  Slots slots_;
  std::vector<char> kept_;
  size_t kept_size_ = 0;
  std::string status_, description_, second_step_, initiated_by_, targets_;
};

}  // namespace signinwatch::generator

#endif  // SIGNINWATCH_DAEMON_GENERATOR_RECORD_WRITER_H_
