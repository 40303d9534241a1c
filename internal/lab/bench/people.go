package bench

import (
	"bufio"
	"fmt"
	"io"
)

// WriteCSV writes a file of n leads as sales tools export them: fourteen columns, about 240 bytes a row, no two alike.
func WriteCSV(w io.Writer, n int) error {
	b := bufio.NewWriterSize(w, 64<<10)
	first := [...]string{"Anna", "José", "Zoë", "Wei", "Olu", "Mia", "Jürgen", "Sofia", "Liam", "Aiko"}
	last := [...]string{"Müller", "García", "O'Brien", "Nowak", "Rossi", "Smith", "Ferreira", "Yılmaz", "Sato", "Okafor"}
	title := [...]string{"Head of Sales", "VP, Marketing", "Founder & CEO", "Operations Manager", "Director of Growth"}
	city := [...]string{"Köln", "São Paulo", "Zürich", "Kraków", "Lisboa", "Austin"}
	fmt.Fprint(b, "Email,First Name,Last Name,Phone,Company,Job Title,LinkedIn URL,Website,City,Country,Tags,CRM ID,Industry,Employees\r\n")
	for i := range n {
		f, l := first[i%len(first)], last[i/len(first)%len(last)]
		fmt.Fprintf(b, "person.%d@company-%d.example.com,%s,%s,+49 221 %07d,\"Company %d, Inc.\",\"%s\",https://www.linkedin.com/in/person-%d,https://company-%d.example.com,%s,Germany,spring;emea,crm-%d,Software,%d\r\n",
			i, i%5000, f, l, i, i%5000, title[i%len(title)], i, i%5000, city[i%len(city)], i, i%900)
	}
	if err := b.Flush(); err != nil {
		return fmt.Errorf("write leads: %w", err)
	}
	return nil
}
