package process

import (
	"encoding/json"
	"fmt"
	"time"
)

// Holiday is one published day: off, or (Off false) a make-up working day, usually a Saturday or Sunday worked for a bridge day.
type Holiday struct {
	Date string // 2026-10-01
	Name string // 国庆节
	Off  bool
}

// HolidaySets are the countries whose statutory days are shipped, in definitions/holidays.
var HolidaySets = []string{"cn", "us"}

// ParseHolidays reads one file of the public data set NateScarlet/holiday-cn: {"year", "days": [{"name", "date", "isOffDay"}]}.
// It fails on anything else, on a day without a name, a real date or isOffDay, and on a file with no days.
func ParseHolidays(data []byte) ([]Holiday, error) {
	var file struct {
		Days []struct {
			Name string `json:"name"`
			Date string `json:"date"`
			Off  *bool  `json:"isOffDay"`
		} `json:"days"`
	}
	if err := json.Unmarshal(data, &file); err != nil {
		return nil, fmt.Errorf("holidays: %w", err)
	}
	if len(file.Days) == 0 {
		return nil, fmt.Errorf("holidays: no days")
	}
	holidays := make([]Holiday, 0, len(file.Days))
	for i, day := range file.Days {
		if _, err := time.Parse(time.DateOnly, day.Date); err != nil {
			return nil, fmt.Errorf("holidays: days[%d]: %q is not a date", i, day.Date)
		}
		if day.Name == "" || day.Off == nil {
			return nil, fmt.Errorf("holidays: days[%d] (%s): name or isOffDay is missing", i, day.Date)
		}
		holidays = append(holidays, Holiday{Date: day.Date, Name: day.Name, Off: *day.Off})
	}
	return holidays, nil
}
