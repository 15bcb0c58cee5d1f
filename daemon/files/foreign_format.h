// What a file looks like that is none of ours: by its first bytes, after gzip and UTF-16.
//
//   if (const char* name = ForeignFormatName(beginning)) Say("looks like " + name);
//
// Pure, and as good for a message of a topic. A guess for people's eyes: nothing is read otherwise,
// counted otherwise or left out because of it.
#ifndef SIGNINWATCH_DAEMON_FILES_FOREIGN_FORMAT_H_
#define SIGNINWATCH_DAEMON_FILES_FOREIGN_FORMAT_H_

#include <cstdint>
#include <string_view>

namespace signinwatch::files {

enum class ForeignFormat : uint8_t {
  kNone,  // it may be ours
  kAvro,
  kAvroCapture,  // written by Event Hubs Capture
  kBzip2,
  kCsv,
  kGzip,  // gzip within gzip, or as a message
  kHtml,
  kParquet,
  kPdf,
  kSpreadsheet,
  kXml,
  kXz,
  kZip,
  kZstandard,
};

// So much of a file is looked at.
inline constexpr size_t kForeignFormatBytes = size_t{64} << 10;

// `beginning`: the first bytes of the file, kForeignFormatBytes of them or all it has.
[[nodiscard]] ForeignFormat RecogniseForeignFormat(std::string_view beginning);

// "CSV", "Avro of Event Hubs Capture"; "" of kNone.
[[nodiscard]] const char* ForeignFormatName(ForeignFormat format);
// What to do about it, as a sentence without its full stop: "export the log as JSON".
[[nodiscard]] const char* ForeignFormatAdvice(ForeignFormat format);

}  // namespace signinwatch::files

#endif  // SIGNINWATCH_DAEMON_FILES_FOREIGN_FORMAT_H_
