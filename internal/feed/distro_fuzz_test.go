package feed

import "testing"

func FuzzTracker(f *testing.F)      { fuzzFeed(f, DebianTracker) }
func FuzzCSAF(f *testing.F)         { fuzzFeed(f, RedHatCSAF) }
func FuzzRedHatCVE(f *testing.F)    { fuzzFeed(f, RedHatCVE) }
func FuzzOpenVEX(f *testing.F)      { fuzzFeed(f, UbuntuVEX) }
func FuzzOVAL(f *testing.F)         { fuzzFeed(f, OVAL) }
func FuzzUpdateInfo(f *testing.F)   { fuzzFeed(f, UpdateInfo) }
func FuzzAmazonPages(f *testing.F)  { fuzzFeed(f, AmazonPages) }
func FuzzAmazonIndex(f *testing.F)  { fuzzFeed(f, AmazonIndex) }
func FuzzPhotonCVE(f *testing.F)    { fuzzFeed(f, PhotonCVE) }
func FuzzPhotonWiki(f *testing.F)   { fuzzFeed(f, PhotonWiki) }
func FuzzBodhi(f *testing.F)        { fuzzFeed(f, FedoraBodhi) }
func FuzzArch(f *testing.F)         { fuzzFeed(f, ArchLinux) }
func FuzzBottlerocket(f *testing.F) { fuzzFeed(f, Bottlerocket) }
