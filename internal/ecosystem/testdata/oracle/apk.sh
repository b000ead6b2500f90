# Answers "a TAB b" lines with <, = or >, or x if a version is not valid.
while read -r a b; do
	if apk version -c "$a" "$b" >/dev/null; then
		apk version -t "$a" "$b"
	else
		echo x
	fi
done
