// Files that people give to `replay` and that no record can be read of, by their first bytes.
#include "daemon/files/foreign_format.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace signinwatch {
namespace foreign_format_test {

using std::string_literals::operator""s;

struct Case {
  const char* what;
  std::string beginning;
  files::ForeignFormat format;
};

TEST(ForeignFormatTest, IsToldByTheFirstBytes) {
  const Case kCases[] = {
      {"the portal's download", "Date (UTC),Request ID,User agent,Correlation ID\r\n2026-01-01,",
       files::ForeignFormat::kCsv},
      {"its quoted sister", "\xef\xbb\xbf\"TenantId\",\"SourceSystem\",\"TimeGenerated [UTC]\"\n",
       files::ForeignFormat::kCsv},
      {"semicolons",
       "Datum;Benutzer;R\xc3\xbc"
       "ckgabe\n",
       files::ForeignFormat::kCsv},
      {"tabs", "Time\tUser\tStatus", files::ForeignFormat::kCsv},
      {"Excel's own line", "sep=,\r\nTime,User\r\n", files::ForeignFormat::kCsv},
      {"Capture",
       "Obj\x01\x04\x16"s + "avro.schema\xec\x06{\"type\":\"record\",\"name\":\"EventData\"",
       files::ForeignFormat::kAvroCapture},
      {"Avro", "Obj\x01\x04{\"name\":\"Order\"}", files::ForeignFormat::kAvro},
      {"zip", "PK\x03\x04\x14signins.json", files::ForeignFormat::kZip},
      {"empty zip", "PK\x05\x06"s + std::string(18, '\0'), files::ForeignFormat::kZip},
      {"xlsx", "PK\x03\x04[Content_Types].xml PK\x03\x04xl/workbook.xml",
       files::ForeignFormat::kSpreadsheet},
      {"ods", "PK\x03\x04mimetypeapplication/vnd.oasis.opendocument.spreadsheet",
       files::ForeignFormat::kSpreadsheet},
      {"xls", "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\0\0"s, files::ForeignFormat::kSpreadsheet},
      {"Parquet", "PAR1\x15", files::ForeignFormat::kParquet},
      {"gzip in gzip", "\x1f\x8b\x08", files::ForeignFormat::kGzip},
      {"zstd", "\x28\xb5\x2f\xfd\x24", files::ForeignFormat::kZstandard},
      {"xz", "\xfd"s + "7zXZ\0"s, files::ForeignFormat::kXz},
      {"bzip2", "BZh91AY", files::ForeignFormat::kBzip2},
      {"PDF", "%PDF-1.7", files::ForeignFormat::kPdf},
      {"XML", "<?xml version=\"1.0\"?>", files::ForeignFormat::kXml},
      {"a page to log in", "\n<!DOCTYPE html><html>", files::ForeignFormat::kHtml},
      // What may be ours, however broken.
      {"nothing", "", files::ForeignFormat::kNone},
      {"blanks", " \r\n", files::ForeignFormat::kNone},
      {"a batch", R"({"records":[{"time":"x","category":"y"}]})", files::ForeignFormat::kNone},
      {"lines", "{\"a\":1,\"b\":2,\"c\":3}\n{}", files::ForeignFormat::kNone},
      {"an array", "[\n1,\n2,\n3]", files::ForeignFormat::kNone},
      {"pseudo-JSON", "{'a':1,'b':2,'c':3}", files::ForeignFormat::kNone},
      {"the middle of a record", "\"a\":1,\"b\":2,\"c\":3}]}", files::ForeignFormat::kNone},
      {"a sentence", "Nothing to see, really", files::ForeignFormat::kNone},
      {"a log line", "2026-11-24T09:00:00Z level=info, message=x, more=y",
       files::ForeignFormat::kNone},
      {"numbers", "1,2,3\n", files::ForeignFormat::kNone},
  };
  for (const Case& c : kCases) {
    const files::ForeignFormat format = files::RecogniseForeignFormat(c.beginning);
    EXPECT_EQ(files::ForeignFormatName(format),
              std::string_view(files::ForeignFormatName(c.format)))
        << c.what;
    EXPECT_EQ(format, c.format) << c.what;
  }
}

TEST(ForeignFormatTest, HasWordsForEach) {
  for (int i = 1; i <= static_cast<int>(files::ForeignFormat::kZstandard); ++i) {
    EXPECT_STRNE(files::ForeignFormatName(static_cast<files::ForeignFormat>(i)), "") << i;
    EXPECT_STRNE(files::ForeignFormatAdvice(static_cast<files::ForeignFormat>(i)), "") << i;
  }
  EXPECT_STREQ(files::ForeignFormatName(files::ForeignFormat::kNone), "");
  EXPECT_STREQ(files::ForeignFormatName(files::ForeignFormat::kAvroCapture),
               "Avro of Event Hubs Capture");
}

// It is asked about anything: messages of a topic too.
TEST(ForeignFormatTest, LooksAtTheBeginningAlone) {
  const std::string far =
      "PK\x03\x04" + std::string(files::kForeignFormatBytes, ' ') + "xl/workbook.xml";
  EXPECT_EQ(files::RecogniseForeignFormat(far), files::ForeignFormat::kZip);
}

}  // namespace foreign_format_test
}  // namespace signinwatch
