#include "daemon/sinks/servicenow/servicenow_texts.h"

#include <optional>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "daemon/sinks/cut_text.h"

namespace signinwatch::sinks {
namespace {

constexpr size_t kNoteMax = 4'000;  // characters; the journal takes more

constexpr char kZeroWidthSpace[] = "\xE2\x80\x8B";

std::string Stripped(std::string text) {
  absl::StripAsciiWhitespace(&text);
  return text;
}

std::string ReferenceTail(const TicketMessage& message) { return "\n\n" + ReferenceLine(message); }

}  // namespace

std::string WithoutCodeTags(std::string_view text) {
  std::string plain;
  for (size_t i = 0; i < text.size(); ++i) {
    plain += text[i];
    if (text[i] != '[') continue;
    const std::string tag = absl::AsciiStrToLower(std::string(text.substr(i, 7)));
    if (tag == "[/code]" || tag.substr(0, 6) == "[code]") {
      plain += kZeroWidthSpace;
    }
  }
  return plain;
}

std::string ShortDescription(const MessageWording& wording, const Telling& telling,
                             const ColumnLengths& most) {
  return CutCharacters(Stripped(wording.Title(telling, &WithoutCodeTags)), most.short_description);
}

std::string Description(const MessageWording& wording, const Telling& telling,
                        const ColumnLengths& most) {
  const TicketMessage message = WriteTicketMessage(telling);
  if (const std::optional<std::string> body = wording.Body(telling, &WithoutCodeTags)) {
    const std::string related = Stripped(RelatedLines(message));
    return CutCharactersBefore(
        Stripped(*body),
        absl::StrCat(related.empty() ? "" : "\n\n", related, ReferenceTail(message)),
        most.description);
  }
  return CutCharactersBefore(WithoutCodeTags(Stripped(PlainText(message, kMessageSteps))),
                             ReferenceTail(message), most.description);
}

std::string Note(const Telling& telling) {
  const TicketMessage message = WriteTicketMessage(telling);
  const std::string related = RelatedLines(message);
  const std::string text =
      absl::StrCat(message.text, related.empty() || message.text.empty() ? "" : "\n", related);
  return CutCharactersBefore(WithoutCodeTags(Stripped(text)), ReferenceTail(message), kNoteMax);
}

std::string TwinNote(const Telling& telling, const std::string& stays) {
  return absl::StrCat("Made twice: ", stays, " goes on.",
                      ReferenceTail(WriteTicketMessage(telling)));
}

bool IsOurNote(std::string_view text) {
  const std::string note = Stripped(std::string(text));
  const std::string line = note.substr(note.rfind('\n') + 1);
  const size_t slash = line.rfind('/');
  return absl::StartsWith(line, "Reference: ") && slash != std::string::npos &&
         slash + 1 < line.size() &&
         line.find_first_not_of("0123456789", slash + 1) == std::string::npos;
}

std::string ImpactOf(std::string_view severity) {
  if (severity == "critical") return "1";
  return severity == "high" || severity == "medium" ? "2" : "3";
}

}  // namespace signinwatch::sinks
