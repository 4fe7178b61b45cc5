#include "net/certificate.h"

#include <ctime>
#include <memory>
#include <optional>
#include <string>

#include <openssl/asn1.h>
#include <openssl/bio.h>

#include "base/text.h"
#include "net/tls_context.h"
#include "net/tls_fault.h"

namespace mailchute {

namespace {

constexpr std::size_t kNameBytesShown = 200;
/// `C = CN, O = Example, CN = *.example.com`, as `openssl x509` shows it, but UTF-8 left as it is.
constexpr unsigned long kNameForm = XN_FLAG_ONELINE & ~static_cast<unsigned long>(ASN1_STRFLGS_ESC_MSB);

std::string name_text(const X509_NAME* name) {
  const std::unique_ptr<BIO, OpensslFree<BIO_free_all>> memory(BIO_new(BIO_s_mem()));
  if (!memory || name == nullptr || X509_NAME_print_ex(memory.get(), name, 0, kNameForm) < 0) return {};
  char* bytes = nullptr;
  const long size = BIO_get_mem_data(memory.get(), &bytes);
  return size > 0 ? printable({bytes, static_cast<std::size_t>(size)}, kNameBytesShown) : std::string();
}

std::optional<WallTime> wall_time(const ASN1_TIME* time) {
  std::tm parts{};
  if (time == nullptr || ASN1_TIME_to_tm(time, &parts) != 1) return std::nullopt;
  return WallTime(std::chrono::seconds(::timegm(&parts)));
}

}  // namespace

CertificateFacts certificate_facts(const X509& certificate) {
  return {name_text(X509_get_subject_name(&certificate)), certificate_names(certificate),
          name_text(X509_get_issuer_name(&certificate)), wall_time(X509_get0_notAfter(&certificate))};
}

}  // namespace mailchute
