#include "net/tls_identity.h"

#include <memory>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include "base/exit_codes.h"
#include "base/text.h"
#include "net/tls_context.h"
#include "net/tls_fault.h"

namespace mailchute {

namespace {

using Certificate = std::unique_ptr<X509, OpensslFree<X509_free>>;
using Key = std::unique_ptr<EVP_PKEY, OpensslFree<EVP_PKEY_free>>;
using Names = std::unique_ptr<GENERAL_NAMES, OpensslFree<GENERAL_NAMES_free>>;
using Bio = std::unique_ptr<BIO, OpensslFree<BIO_free_all>>;

auto openssl_failed() { return fail("cannot make a certificate: " + openssl_reason()); }

Result<Key> new_key() {
  Key key(EVP_PKEY_Q_keygen(tls_library(), nullptr, "EC", "P-256"));
  if (!key) return openssl_failed();
  return key;
}

void set_time(ASN1_TIME* time, WallTime value) {
  ASN1_TIME_set(time, std::chrono::duration_cast<std::chrono::seconds>(value.time_since_epoch()).count());
}

void set_serial(X509* certificate) {
  unsigned char bytes[8] = {};
  RAND_bytes_ex(tls_library(), bytes, sizeof bytes, 0);
  bytes[0] &= 0x7f;  // RFC 5280 4.1.2.2: positive.
  const std::unique_ptr<BIGNUM, OpensslFree<BN_free>> number(BN_bin2bn(bytes, sizeof bytes, nullptr));
  BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(certificate));
}

/// A certificate of version 3 with everything but its extensions and signature.
Result<Certificate> blank(const std::string& name, EVP_PKEY* key, const TlsIdentityWish& wish) {
  Certificate certificate(X509_new_ex(tls_library(), nullptr));
  if (!certificate) return openssl_failed();
  X509_set_version(certificate.get(), X509_VERSION_3);
  set_serial(certificate.get());
  set_time(X509_getm_notBefore(certificate.get()), wish.not_before);
  set_time(X509_getm_notAfter(certificate.get()), wish.not_after);
  X509_NAME* const subject = X509_get_subject_name(certificate.get());
  const auto* const bytes = reinterpret_cast<const unsigned char*>(name.data());
  const bool named = X509_NAME_add_entry_by_NID(subject, NID_commonName, MBSTRING_UTF8, bytes,
                                                static_cast<int>(name.size()), -1, 0) == 1;
  if (!named || X509_set_pubkey(certificate.get(), key) != 1) return openssl_failed();
  return certificate;
}

bool extend(X509* certificate, int nid, const char* value) {
  X509_EXTENSION* const extension = X509V3_EXT_conf_nid(nullptr, nullptr, nid, value);
  const bool added = extension && X509_add_ext(certificate, extension, -1) == 1;
  X509_EXTENSION_free(extension);
  return added;
}

void add_name(GENERAL_NAMES* names, int type, ASN1_STRING* value) {
  GENERAL_NAME* const name = GENERAL_NAME_new();
  GENERAL_NAME_set0_value(name, type, value);
  sk_GENERAL_NAME_push(names, name);
}

/// The entries one by one: OpenSSL's text form could not hold a NUL or a comma.
Result<Names> alternative_names(const TlsIdentityWish& wish) {
  Names names(GENERAL_NAMES_new());
  for (const auto& dns_name : wish.dns_names) {
    ASN1_IA5STRING* const value = ASN1_IA5STRING_new();
    ASN1_STRING_set(value, dns_name.data(), static_cast<int>(dns_name.size()));
    add_name(names.get(), GEN_DNS, value);
  }
  for (const auto& ip : wish.ip_addresses) {
    ASN1_OCTET_STRING* const value = a2i_IPADDRESS(ip.c_str());
    if (!value)
      return fail("cannot make a certificate for '" + printable(ip) + "': not an IP address",
                  exit_code::kUsage);
    add_name(names.get(), GEN_IPADD, value);
  }
  return names;
}

Result<void> describe_leaf(X509* leaf, const TlsIdentityWish& wish) {
  const auto names = TRY(alternative_names(wish));
  const bool named = sk_GENERAL_NAME_num(names.get()) == 0 ||
                     X509_add1_ext_i2d(leaf, NID_subject_alt_name, names.get(), 0, X509V3_ADD_DEFAULT) == 1;
  const char* const purpose = wish.purpose == TlsIdentityWish::Purpose::Server ? "serverAuth" : "clientAuth";
  if (named && extend(leaf, NID_basic_constraints, "critical,CA:FALSE") &&
      extend(leaf, NID_key_usage, "critical,digitalSignature") && extend(leaf, NID_ext_key_usage, purpose)) {
    return {};
  }
  return openssl_failed();
}

bool sign(X509* certificate, X509* issuer, EVP_PKEY* issuer_key) {
  return X509_set_issuer_name(certificate, X509_get_subject_name(issuer)) == 1 &&
         X509_sign(certificate, issuer_key, EVP_sha256()) > 0;
}

/// The authority's certificate, signed by itself.
Result<Certificate> make_authority(EVP_PKEY* key, const TlsIdentityWish& wish) {
  auto authority = TRY(blank("mailchute local authority", key, wish));
  if (extend(authority.get(), NID_basic_constraints, "critical,CA:TRUE") &&
      extend(authority.get(), NID_key_usage, "critical,keyCertSign,cRLSign") &&
      sign(authority.get(), authority.get(), key)) {
    return authority;
  }
  return openssl_failed();
}

std::string content(BIO* bio) {
  const char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  return {data, static_cast<std::size_t>(size)};
}

std::string pem(X509* certificate) {
  const Bio bio(BIO_new(BIO_s_mem()));
  PEM_write_bio_X509(bio.get(), certificate);
  return content(bio.get());
}

Secret pem(EVP_PKEY* key) {
  const Bio bio(BIO_new(BIO_s_secmem()));
  PEM_write_bio_PrivateKey_ex(bio.get(), key, nullptr, nullptr, 0, nullptr, nullptr, tls_library(), nullptr);
  return Secret(content(bio.get()));
}

}  // namespace

Result<TlsIdentity> make_tls_identity(const TlsIdentityWish& wish) {
  ERR_clear_error();
  const auto key = TRY(new_key());
  const auto leaf = TRY(blank(wish.common_name, key.get(), wish));
  TRY_VOID(describe_leaf(leaf.get(), wish));
  if (wish.signer == TlsIdentityWish::Signer::Itself) {
    if (!sign(leaf.get(), leaf.get(), key.get())) return openssl_failed();
    return TlsIdentity{{}, pem(leaf.get()), pem(key.get())};
  }

  const auto authority_key = TRY(new_key());
  const auto authority = TRY(make_authority(authority_key.get(), wish));
  if (!sign(leaf.get(), authority.get(), authority_key.get())) return openssl_failed();
  return TlsIdentity{pem(authority.get()), pem(leaf.get()), pem(key.get())};
}

}  // namespace mailchute
