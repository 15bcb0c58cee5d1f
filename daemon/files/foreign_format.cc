#include "daemon/files/foreign_format.h"

#include <algorithm>
#include <cstddef>

#include "parser/ascii.h"

namespace signinwatch::files {
namespace {

using std::string_view_literals::operator""sv;

struct Magic {
  std::string_view bytes;
  ForeignFormat format;
};

constexpr Magic kMagic[] = {
    {"Obj\x01"sv, ForeignFormat::kAvro},
    {"PK\x03\x04"sv, ForeignFormat::kZip},
    {"PK\x05\x06"sv, ForeignFormat::kZip},                                // an empty one
    {"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"sv, ForeignFormat::kSpreadsheet},  // Excel until 2003
    {"PAR1"sv, ForeignFormat::kParquet},
    {"\x1f\x8b"sv, ForeignFormat::kGzip},
    {"\x28\xb5\x2f\xfd"sv, ForeignFormat::kZstandard},
    {"\xfd"
     "7zXZ\0"sv,
     ForeignFormat::kXz},
    {"BZh"sv, ForeignFormat::kBzip2},
    {"%PDF-"sv, ForeignFormat::kPdf},
    {"<?xml"sv, ForeignFormat::kXml},
};

bool Contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

bool StartsWithoutCase(std::string_view text, std::string_view start) {
  return EqualsWithoutCase(text.substr(0, start.size()), start);
}

// A zip archive names its first files at its start.
bool IsSpreadsheet(std::string_view zip) {
  return Contains(zip, "xl/") || Contains(zip, "application/vnd.oasis.opendocument.spreadsheet");
}

std::string_view FirstLine(std::string_view text) {
  constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  text.remove_prefix(std::min(text.find_first_not_of(" \t\r\n"), text.size()));
  text = text.substr(0, text.find('\n'));
  if (text.ends_with('\r')) text.remove_suffix(1);
  return text;
}

// What may be the name of a column: `Date (UTC)`, `"User ID"`, `LocationDetails_dynamic`.
bool IsColumnName(std::string_view name) {
  constexpr size_t kSizeMax = 100;
  if (name.size() >= 2 && name.front() == '"' && name.back() == '"') {
    name = name.substr(1, name.size() - 2);
  }
  if (name.empty() || name.size() > kSizeMax) return false;
  const auto is_letter = [](char c) {
    return (LowerAsciiOf(c) >= 'a' && LowerAsciiOf(c) <= 'z') || static_cast<uint8_t>(c) >= 0x80;
  };
  return std::any_of(name.begin(), name.end(), is_letter) &&
         std::all_of(name.begin(), name.end(), [&](char c) {
           return is_letter(c) || (c >= '0' && c <= '9') ||
                  " _-./()[]#%&'?"sv.find(c) != std::string_view::npos;
         });
}

// A line of at least three names of columns, which is how tables are exported.
bool IsHeader(std::string_view line, char separator) {
  constexpr int kColumnsMin = 3;
  int columns = 0;
  for (;;) {
    const size_t end = line.find(separator);
    if (!IsColumnName(line.substr(0, end))) return false;
    ++columns;
    if (end == std::string_view::npos) return columns >= kColumnsMin;
    line.remove_prefix(end + 1);
  }
}

bool IsCsv(std::string_view text) {
  const std::string_view line = FirstLine(text);
  // Excel writes which separator it uses.
  if (line.size() == 5 && StartsWithoutCase(line, "sep=")) return true;
  return IsHeader(line, ',') || IsHeader(line, ';') || IsHeader(line, '\t');
}

}  // namespace

ForeignFormat RecogniseForeignFormat(std::string_view beginning) {
  beginning = beginning.substr(0, kForeignFormatBytes);
  for (const Magic& magic : kMagic) {
    if (!beginning.starts_with(magic.bytes)) continue;
    if (magic.format == ForeignFormat::kZip && IsSpreadsheet(beginning)) {
      return ForeignFormat::kSpreadsheet;
    }
    // Its schema is at the start of the file, and names the class of its records.
    if (magic.format == ForeignFormat::kAvro && Contains(beginning, "EventData")) {
      return ForeignFormat::kAvroCapture;
    }
    return magic.format;
  }
  const std::string_view line = FirstLine(beginning);
  if (StartsWithoutCase(line, "<!doctype html") || StartsWithoutCase(line, "<html")) {
    return ForeignFormat::kHtml;
  }
  return IsCsv(beginning) ? ForeignFormat::kCsv : ForeignFormat::kNone;
}

const char* ForeignFormatName(ForeignFormat format) {
  switch (format) {
    case ForeignFormat::kNone:
      return "";
    case ForeignFormat::kAvro:
      return "Avro";
    case ForeignFormat::kAvroCapture:
      return "Avro of Event Hubs Capture";
    case ForeignFormat::kBzip2:
      return "a file packed by bzip2";
    case ForeignFormat::kCsv:
      return "CSV";
    case ForeignFormat::kGzip:
      return "a file packed by gzip";
    case ForeignFormat::kHtml:
      return "an HTML page";
    case ForeignFormat::kParquet:
      return "Parquet";
    case ForeignFormat::kPdf:
      return "a PDF document";
    case ForeignFormat::kSpreadsheet:
      return "a spreadsheet";
    case ForeignFormat::kXml:
      return "XML";
    case ForeignFormat::kXz:
      return "a file packed by xz";
    case ForeignFormat::kZip:
      return "a zip archive";
    case ForeignFormat::kZstandard:
      return "a file packed by zstd";
  }
  return "";
}

const char* ForeignFormatAdvice(ForeignFormat format) {
  switch (format) {
    case ForeignFormat::kNone:
      return "";
    case ForeignFormat::kBzip2:
    case ForeignFormat::kGzip:
    case ForeignFormat::kXz:
    case ForeignFormat::kZip:
    case ForeignFormat::kZstandard:
      return "unpack it first; only gzip is read as it is, and that once";
    case ForeignFormat::kAvro:
    case ForeignFormat::kAvroCapture:
      return "take the body of each event out of it, or read the hub itself";
    case ForeignFormat::kHtml:
      return "it may be a page that asked for a log-in; download the log again, as JSON";
    case ForeignFormat::kCsv:
    case ForeignFormat::kParquet:
    case ForeignFormat::kPdf:
    case ForeignFormat::kSpreadsheet:
    case ForeignFormat::kXml:
      return "export the log as JSON";
  }
  return "";
}

}  // namespace signinwatch::files
